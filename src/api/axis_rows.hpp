#pragma once
/// What the axis façade's lists say, in the words that the SDK reads. Pure functions.
///
/// Every member that the SDK knows always stands there, and as text, empty where there is nothing to say: its reader
/// takes text for texts, numbers and times alike, and nothing else for all of them.

#include "answers.hpp"

namespace truc::api {

/// How far a delivery is for its sender: initial, processing, done or fail. Says nothing of the recipient's business.
std::string_view receive_status(const store::sent_row& row);
/// A sentence for a clerk: what has become of it, and for what reason.
std::string receive_status_text(const store::sent_row& row);

json::object describe_axis_sent(const store::sent_row& row);
/// `to` is one code: an item is a delivery, and a delivery has one recipient.
json::object describe_axis_received(const store::inbox_item& item);

enum class axis_data : std::uint8_t { text, list };

/// What stands around the `data` of a good answer, where that is too large to make it at once.
struct axis_frame {
    std::string head, tail;
    static axis_frame of(axis_data form);
};
/// An answer that is all in `body`, such as one in a frame.
http::response axis_stream(std::shared_ptr<http::content> body);

} // namespace truc::api
