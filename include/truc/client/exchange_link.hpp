#pragma once
#include <truc/base/result.hpp>
#include <truc/base/uuid.hpp>
#include <truc/model/vocabulary.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace truc::client {

struct exchange_options {
    std::string host; ///< of the node's AMQP listener
    std::uint16_t port = 5671;
    std::filesystem::path authority; ///< PEM: vouches for nodes
    // Read anew for each connection, so that they can be replaced.
    std::filesystem::path certificate;
    std::filesystem::path key;
    std::string name; ///< our container id, for people who look at the node
    /// Deliveries of the inbox that may be here, not settled, at a time.
    std::size_t window = 32;
    /// Agencies whose evidence is read, each by a link of its own: 13 at most.
    std::vector<std::string> evidence_of;
};

/// One message to the node. `name`, up to 255 bytes, comes back with the evidence (truc-submission).
struct submission {
    std::string name;
    std::string_view content;      ///< the bytes; they live until submit() returns
    bool signed_on_behalf = false; ///< the adapter put the signature in for the agency
};

struct submission_answer {
    enum class outcome {
        accepted, ///< safe
        refused,  ///< these bytes never: `why`
        later,    ///< the node could not, for now
        unknown   ///< the link was lost first: sending the same bytes again tells
    };
    outcome result = outcome::unknown;
    std::string code; ///< of the error catalogue; of refused and, where known, of later
    std::string why;  ///< the node's sentence
};

/// One delivery of the inbox. Once the node has heard that it was accepted it does not come again; until then it may,
/// with the same id.
struct inbox_delivery {
    uuid delivery_id;
    uuid dispatch_id;
    dispatch_kind kind{};
    std::string document_id;
    std::string from;
    std::string to;
    truc::priority priority{};
    std::string content;
};

/// A receipt of the feed about what an agency sent. Read once more after a crash: `after` of the last one that was kept
/// goes into follow_evidence().
struct evidence {
    std::string agency;
    std::string submission; ///< what submit() called it; empty when it came by another door
    std::string receipt;    ///< XML
    std::string cursor;
};

/// The connection of an agency's system to its node over AMQP 1.0 (docs/amqp.md): submits, receives, reads evidence. It
/// dials, and dials again with growing pauses (200 ms to 30 s), by itself; whoever answers must be a node. While it is
/// down, submit() waits for the next connection as long as its patience lasts, and receive() gives nothing.
///
/// A delivery is never with the caller twice at a time, whatever becomes of connections: what comes again while the
/// caller works on it stays here, and how the caller settles it is how that one is settled.
///
/// Memory: at most `window` deliveries and 64 receipts an agency; what is submitted is not copied.
///
/// Lifecycle: the constructor starts a thread for the connection and throws std::runtime_error when the files cannot be
/// used; it connects to nobody before it returns. The destructor, which nobody else's call may overlap (interrupt() and
/// join first), tells the node what was settled and closes, for at most 4 s.
/// Threads: all members from any thread; none waits for the network but those that say so. Errors: outcomes; nothing is
/// thrown later.
class exchange_link {
  public:
    explicit exchange_link(exchange_options o);
    ~exchange_link();
    exchange_link(const exchange_link&) = delete;

    bool is_connected() const; ///< the node lets us submit and receive
    /// Why it is down, or why some agency's evidence cannot be read; for people. Empty when all is well.
    std::string last_fault() const;

    /// All of them, as many under way as the node's credit allows; in the order given. Blocks until each has an
    /// outcome, at most `patience`; what has none by then is `unknown` (given up, perhaps accepted) or `later` (never
    /// wholly sent). What waits when the connection is lost is sent on the next one.
    std::vector<submission_answer> submit(const std::vector<submission>& all, std::chrono::milliseconds patience);

    /// What has arrived, urgent first as the node sends it; at most `max`. Waits for the first one up to `wait`.
    std::vector<inbox_delivery> receive(std::size_t max, std::chrono::milliseconds wait);
    // How a received one ends, once. When its connection was lost meanwhile, this settles the one that came again in
    // its stead; if that has not come yet, nothing happens, and the caller receives it again.
    void accept(const uuid& delivery);                     ///< handed over, for good
    void release(const uuid& delivery);                    ///< again, later
    void fail(const uuid& delivery, std::string why);      ///< an attempt failed: again, later
    void set_aside(const uuid& delivery, std::string why); ///< failed, and not again on this connection
    void reject(const uuid& delivery, std::string reason); ///< the recipient's system refuses it, for good
    /// What was set aside may come again: the inbox link is made anew. To those who work on a delivery it is as if the
    /// connection was lost.
    void ask_again();

    /// Where reading an agency's evidence begins; at construction it is the beginning. Before the first
    /// read_evidence(), afterwards it does nothing. A new connection goes on behind what was read.
    void follow_evidence(const std::string& agency, std::string after);
    std::vector<evidence> read_evidence(std::size_t max, std::chrono::milliseconds wait);

    /// To stop: wakes those who wait in receive() and read_evidence(), which give nothing any more, and nothing new is
    /// sent: submit() answers `later` for it, and still waits for what is under way.
    void interrupt();

  private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace truc::client
