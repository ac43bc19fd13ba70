#pragma once
/// The sentences of `why`, each situation a member; used by why*.cpp alone.

#include "why.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace truc::api {

/// Says one delivery's sentence. Each member is one situation.
class speaker {
  public:
    speaker(const delivery_facts& f, language lang) : f_(f), d_(f.delivery), lang_(lang) {}

    explanation speak() const;

  private:
    template <class... Values>
    std::string say(std::string_view english, std::string_view vietnamese, const Values&... values) const {
        return fmt::format(fmt::runtime(lang_ == language::vietnamese ? vietnamese : english), values...);
    }
    static std::string moment(timestamp t);
    std::string title(errc code) const { return std::string(describe(code).title[static_cast<unsigned>(lang_)]); }
    std::string titled(std::string_view reason) const;
    bool raised(std::string_view kind) const {
        return std::any_of(f_.alarms.begin(), f_.alarms.end(), [&](const auto& a) { return a.kind == kind; });
    }
    std::optional<timestamp> next_try() const;
    std::string again_at() const;
    std::string since_when() const;
    std::string until_when() const;
    std::string tried_in_vain() const;
    std::string last_said() const;
    std::string remarks() const;

    explanation main_sentence() const;
    explanation queued() const;
    explanation held_by_person() const;
    explanation held_by_truc() const;
    explanation to_expire() const;
    explanation without_way() const;
    explanation in_circle() const;
    explanation neighbour_down() const;
    explanation backing_off(std::string_view reason) const;
    explanation circuit_open() const;
    explanation in_lane() const;
    explanation relayed() const;
    explanation held_elsewhere() const;
    explanation consigned() const;
    explanation held_in_inbox() const;
    explanation too_late() const;
    explanation mark() const;
    explanation behind_first_copy(const uuid& first) const;
    explanation ended() const;
    explanation handed_over(const std::string& at) const;
    explanation recalled(const std::string& at) const;
    explanation expired(const std::string& at, const std::string& why) const;
    explanation second_copy(const std::string& at) const;

    const delivery_facts& f_;
    const store::delivery_row& d_;
    language lang_;
};

} // namespace truc::api
