#pragma once
#include "part.hpp"

#include <unordered_map>

namespace truc::directory {

/// Which node has which code, certificate and client's id. What somebody has stays theirs until they let it go.
/// Names of nodes are views: each must live as long as it has anything.
class claims {
  public:
    /// False if some of it is another node's, and stays theirs. Who does not get an agency's code or a client's id gets
    /// nothing else of that record: it is not in force.
    bool take(const part& content, std::string_view node);
    /// The agencies' codes alone, without aliases and all else.
    void take_codes(const part& content, std::string_view node);
    void release(const part& content, std::string_view node);
    void clear() { owners_.clear(); }

    struct conflict {
        std::string what;  ///< "the code 000.00.12.H43"
        std::string owner; ///< the node that has it
    };
    /// The first thing of `content` that another node has for which `counts` (std::string_view → bool) says so.
    template <class Counts>
    std::optional<conflict> find_conflict(const part& content, std::string_view node, Counts counts) const {
        std::optional<conflict> found;
        for_each_key(content, [&](const std::string& key) {
            const auto owner = found ? owners_.end() : owners_.find(key);
            if (owner != owners_.end() && owner->second != node && counts(owner->second))
                found = conflict{describe(key), std::string(owner->second)};
            return !found;
        });
        return found;
    }

    enum kind : char { code = 'a', certificate = 'b', client_id = 'c', client_certificate = 'd' };
    /// Empty when nobody has it.
    std::string_view owner_of(kind k, std::string_view name) const;

  private:
    /// A name is kept with a letter for its kind: two kinds may use the same name.
    static std::string key(kind k, std::string_view name) { return std::string(1, k).append(name); }
    /// `use` (std::string → bool) says of the name proper of a record whether the others are of interest, too.
    template <class Use>
    static void for_each_key(const part& content, Use use) {
        for (const auto* a : content.agencies) {
            if (!use(key(code, a->code.str()))) continue;
            for (const auto& alias : a->aliases) use(key(code, alias.str()));
            for (const auto& digest : a->certificates) use(key(certificate, digest.view()));
        }
        for (const auto* c : content.clients) {
            if (!use(key(client_id, c->id))) continue;
            for (const auto& digest : c->certificates) use(key(client_certificate, digest.view()));
        }
    }
    static std::string describe(const std::string& key);

    std::unordered_map<std::string, std::string_view> owners_;
};

} // namespace truc::directory
