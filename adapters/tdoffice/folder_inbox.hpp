#pragma once
#include "folder_options.hpp"
#include "runtime/legacy_system.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace truc::tdoffice {

/// The inbox directory; folder.hpp says what is agreed about it.
///
/// A delivery is written in full as inbox/.truc/<id>.edxml, then marked with inbox/.truc/<id>.placing, then renamed. So
/// a crash leaves no doubt: a mark without the file means that it was placed, whatever became of it since.
class folder_inbox : public adapter::legacy_inbox {
  public:
    folder_inbox(folder_options o, const clock& c) : o_(std::move(o)), clock_(c) {}

    result<std::string> deliver(const adapter::incoming_item& item) override;

    /// <yyyymmdd>-<number>-<delivery id>, without ending. The day is that of the dispatch: the same at each attempt.
    static std::string stem_of(const adapter::incoming_item& item);

  private:
    std::filesystem::path hidden() const { return o_.inbox / ".truc"; }
    std::filesystem::path hidden(const std::string& name) const { return hidden() / name; }
    result<std::optional<std::string>> look_for(const adapter::incoming_item& item) const;
    result<void> prepare(const adapter::incoming_item& item) const;
    result<void> unpack(const adapter::incoming_item& item) const;
    result<void> place(const adapter::incoming_item& item) const;
    void tidy_up();

    folder_options o_;
    const clock& clock_;
    timestamp tidied_{};
};

} // namespace truc::tdoffice
