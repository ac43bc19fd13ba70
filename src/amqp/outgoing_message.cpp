#include "outgoing_message.hpp"

#include "message_decoder.hpp"

namespace truc::amqp {

outgoing_message::outgoing_message(message_handle h, link_state& l, message m) : handle(h), link(l) {
    if (m.body.empty()) m.body.emplace_back(std::string());
    auto before = encode_head(m.head);
    parts_.reserve(2 * m.body.size());
    for (auto& section : m.body) {
        before += encode_data_prefix(section.view().size());
        parts_.emplace_back(std::move(before));
        parts_.push_back(std::move(section));
        before.clear();
    }
}

std::string_view outgoing_message::peek(std::size_t most) const { return parts_[part_].view().substr(offset_, most); }

void outgoing_message::advance(std::size_t count) {
    offset_ += count;
    while (part_ < parts_.size() && offset_ == parts_[part_].view().size()) {
        parts_[part_] = data_section(std::string_view(), nullptr); // what was kept alive for it may go
        ++part_;
        offset_ = 0;
    }
}

} // namespace truc::amqp
