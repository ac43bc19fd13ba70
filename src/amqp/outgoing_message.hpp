#pragma once
#include <truc/amqp/session.hpp>

#include <proton/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace truc::amqp {

struct link_state;

/// A message of ours until its outcome is known, and how far it is written.
class outgoing_message {
  public:
    outgoing_message(message_handle h, link_state& l, message m);

    /// The next bytes, at most `most`, never none before `written()`.
    std::string_view peek(std::size_t most) const;
    void advance(std::size_t count);
    bool written() const { return part_ == parts_.size(); }
    bool begun() const { return begun_; }
    void begin(pn_delivery_t* d) { delivery = d, begun_ = true; }

    const message_handle handle;
    link_state& link;
    pn_delivery_t* delivery = nullptr; ///< while the engine has it
    bool over = false;                 ///< reported, or about to be; awaits removal

  private:
    std::vector<data_section> parts_; ///< sections with what stands before them
    std::size_t part_ = 0;
    std::size_t offset_ = 0;
    bool begun_ = false;
};

} // namespace truc::amqp
