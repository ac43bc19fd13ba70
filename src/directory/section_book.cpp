#include "book_state.hpp"
#include "composer.hpp"

#include <algorithm>

namespace truc::directory {

namespace {

/// Its node may have said it, but not now: what it claims is another's, or lies elsewhere.
bool waits(const result<taking>& judged) {
    return !judged && (judged.error().code == errc::section_conflict || judged.error().code == errc::section_not_yours);
}

} // namespace

section_book::section_book(std::string self, std::shared_ptr<const directory> own)
    : state_(std::make_unique<state>(std::move(self))) {
    state_->use_own(std::move(own));
}

section_book::~section_book() = default;
section_book::section_book(section_book&&) noexcept = default;
section_book& section_book::operator=(section_book&&) noexcept = default;

void section_book::use_own(std::shared_ptr<const directory> own) { state_->use_own(std::move(own)); }

result<taking> section_book::judge(const section& s) const { return state_->judge(s); }

result<taking> section_book::take(section s) {
    const auto judged = state_->judge(s);
    if (judged && *judged == taking::fresh)
        state_->apply(std::move(s));
    else if (waits(judged))
        state_->wait(std::move(s));
    return judged;
}

std::vector<section_key> section_book::settle() { return state_->settle(); }

std::vector<error> section_book::restore(std::vector<section> stored) {
    std::vector<error> refusals;
    for (bool progress = true; progress && !stored.empty();) {
        progress = false;
        refusals.clear();
        std::vector<section> left;
        for (auto& s : stored) {
            const auto judged = state_->judge(s);
            if (judged) {
                if (*judged == taking::fresh) state_->apply(std::move(s));
                progress = true;
                continue;
            }
            refusals.push_back(judged.error());
            left.push_back(std::move(s));
        }
        stored = std::move(left);
    }
    // What does not fit any more still has its place in the chain.
    for (auto& s : stored)
        if (waits(state_->judge(s))) state_->wait(std::move(s));
    return refusals;
}

void section_book::restore_waiting(std::vector<section> stored) {
    for (auto& s : stored)
        if (state_->nodes().contains(s.node)) state_->wait(std::move(s));
}

composition section_book::compose() const { return composer(state_->nodes(), state_->owners()).compose(); }

std::map<std::string, std::uint64_t> section_book::versions() const {
    std::map<std::string, std::uint64_t> known;
    for (const auto& [name, e] : state_->entries())
        if (e.is_followed()) known.emplace(name, e.version);
    return known;
}

auto section_book::latest(std::string_view node) const -> std::optional<position> {
    const auto found = state_->entries().find(node);
    if (found == state_->entries().end()) return std::nullopt;
    return position{found->second.version, found->second.digest};
}

std::vector<section_key> section_book::newer_than(const std::map<std::string, std::uint64_t>& theirs,
                                                  std::size_t most) const {
    std::vector<std::pair<std::size_t, section_key>> lacking; // the first version that is lacking, by depth
    for (const auto& [name, version] : versions()) {
        const auto known = theirs.find(name);
        if (known != theirs.end() && known->second >= version) continue;
        lacking.push_back({state_->depth_of(name), {name, known == theirs.end() ? version : known->second + 1}});
    }
    std::stable_sort(lacking.begin(), lacking.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<section_key> keys;
    for (auto& [depth, key] : lacking) {
        const auto last = latest(key.node)->version; // which may be the largest number there is
        for (auto left = last - key.version + 1; left > 0 && keys.size() < most; --left, ++key.version)
            keys.push_back(key);
    }
    return keys;
}

directory with_section(const directory& file, const section& said) {
    const auto is_other = [&](const node& n) { return n.name != said.node; };
    const auto other = std::find_if(file.nodes().begin(), file.nodes().end(), is_other);
    if (other == file.nodes().end()) return file;
    section_book book(other->name, std::make_shared<const directory>(file));
    book.take(said);
    return book.compose().in_force;
}

} // namespace truc::directory
