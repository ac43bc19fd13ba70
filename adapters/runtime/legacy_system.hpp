#pragma once
/// What a legacy system has to be able to do so that the runtime can plug it into the exchange. A new adapter
/// implements these two interfaces and a function that makes them from its part of the configuration; docs/adapters.md
/// explains it.
///
/// The runtime makes every document and status pass exactly once, through crashes on any side: it keeps a durable
/// journal by the legacy system's own keys one way and by delivery ids the other. An implementation keeps no state of
/// its own beyond what it can find again in the legacy system.

#include <truc/base/clock.hpp>
#include <truc/base/result.hpp>
#include <truc/base/uuid.hpp>
#include <truc/model/vocabulary.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace truc::adapter {

/// Something that the legacy system wants to send. `key` is the legacy system's own name of it, the same for ever: what
/// was accepted under a key is never sent again.
struct waiting_item {
    std::string key;
    std::string label; ///< for people: a file's name, number and notation
};

/// What became of something that the legacy system wanted to send.
struct outgoing_report {
    enum class stage {
        accepted,    ///< the exchange has it, for good
        refused,     ///< it cannot be sent as it is: its people must correct it; when it waits again it is tried anew
        handed_over, ///< `recipient`'s system has it
        failed       ///< it will not reach `recipient`: `code` and `text` say why
    };
    std::string key;
    stage reached{};
    std::string dispatch_id; ///< Truc's id; empty while it is not known, and for refused
    std::string recipient;   ///< of handed_over and failed
    std::string code;        ///< of the error catalogue
    std::string text;        ///< Vietnamese: what is wrong where and what to do
    timestamp at;
};

/// The side of a legacy system from which documents and statuses come. One thread at a time, always the same.
///
/// Errors everywhere: retryable codes (legacy_away, timeout …) mean that the system is not there at the
/// moment: the runtime backs off and comes again. Every other code is about the item.
class legacy_outbox {
  public:
    virtual ~legacy_outbox() = default;

    /// What waits, oldest or most urgent first, at most `max`. An item stays in the list until a report took it out:
    /// accepted or refused. Must be cheap: it is asked again and again, and contents are read by load().
    virtual result<std::vector<waiting_item>> list(std::size_t max) = 0;
    /// The item as edXML, signed by the legacy system or not. Any error that is not retryable puts it into quarantine:
    /// schema, attachment_mismatch, secret_document (a record marked Mật, Tối mật or Tuyệt mật is not even read) …
    virtual result<std::string> load(const std::string& key) = 0;
    /// Tells the legacy system, where its people see it. May be called again with the same; must then change nothing.
    virtual result<void> report(const outgoing_report& r) = 0;
    /// Waits until there may be something new, at most so long. list() is asked again when it returns by itself.
    virtual void wait(std::chrono::milliseconds at_most) = 0;
    /// Ends the wait() that is under way, or else the next one, once: the runtime has something else to do. Any thread.
    virtual void interrupt() = 0;
};

/// Something that the exchange delivers to the legacy system.
struct incoming_item {
    uuid delivery_id;
    uuid dispatch_id;
    dispatch_kind kind{};
    std::string document_id; ///< of a status: that of the document it is about
    std::string from;
    std::string to;
    truc::priority priority{};
    std::string edxml;
    /// An earlier attempt may have got through (a crash, an answer that was lost): look whether it is there first.
    bool perhaps_there = false;
};

/// The side to which documents and statuses go. One thread at a time, always the same, another than the outbox's.
class legacy_inbox {
  public:
    virtual ~legacy_inbox() = default;

    /// Gives it to the legacy system; on success it is there durably, once, and the exchange is told so. Returns what
    /// the legacy system calls it. Errors: retryable ones are tried again for ever; with any other the item goes into
    /// quarantine with its reason, stays in custody of the exchange, and blocks nothing.
    virtual result<std::string> deliver(const incoming_item& item) = 0;
};

/// A legacy system, both sides of it.
struct legacy_system {
    std::unique_ptr<legacy_outbox> outbox;
    std::unique_ptr<legacy_inbox> inbox;
};

} // namespace truc::adapter
