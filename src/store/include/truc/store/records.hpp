#pragma once
/// What goes into the store and what comes out of it: values.

#include <truc/base/durable.hpp>
#include <truc/base/uuid.hpp>
#include <truc/model/agency_code.hpp>
#include <truc/model/delivery_state.hpp>
#include <truc/model/lane_class.hpp>
#include <truc/model/vocabulary.hpp>

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace truc::store {

/// The document a status is about: known by its DocumentId and the agency that sent it. Between those two a status goes
/// either way. The functions get codes as they were then, and are called on the writer's thread.
struct subject_document {
    std::string document_id;
    /// Whether the party that has to be the document's sender is that agency, or stands in its place today.
    std::function<bool(const std::string& sender)> is_from;
    /// The same of the party that has to be one of its recipients.
    std::function<bool(const std::string& recipient)> is_to;
    /// The reporting agency speaks as the document's sender (status 13): then somebody else's document is not its own
    /// to take back. Else a document of another sender is another document.
    bool by_sender = false;
};

/// A document that a recall, update or replacement takes from one recipient.
struct withdrawal {
    std::string document_id;
    std::string recipient; ///< canonical code
};

/// What a recall, update or replacement does beside being delivered itself. The node of the origin decides whether it
/// may act, the recipients' home nodes whether it still can.
struct business_action {
    std::vector<std::string> acts_on;  ///< DocumentIds of the earlier documents
    std::vector<withdrawal> withdraws; ///< from these recipients
    std::vector<std::string> adds;     ///< canonical codes that an update adds to the recipients of what it acts on
};

/// A verified dispatch as the writer takes it. Only intake makes one.
struct new_dispatch {
    dispatch_kind kind = dispatch_kind::edoc;
    std::string sender;                      ///< canonical code
    std::vector<std::string> sender_aliases; ///< under which it may have sent before a reorganisation
    std::string document_id;
    std::string code; ///< number/notation
    std::string promulgated;
    std::string subject;
    std::string status_code;
    business_type business = business_type::new_document;
    truc::priority priority = truc::priority::normal;
    signature_outcome signature = signature_outcome::absent;
    std::optional<sha256_digest> signer;
    bool signed_on_behalf = false; ///< by the adapter of the agency's legacy system
    /// The same for every copy of one document, whatever way it goes (intake's essence_of()); a status has none.
    std::optional<sha256_digest> essence;
    std::string client;
    bool by_gateway = false; ///< that client speaks for another exchange
    truc::entrance entrance = truc::entrance::http;
    std::vector<std::string> recipients;   ///< canonical codes, without repetition
    std::vector<std::string> elsewhere;    ///< those of them whose home is another node
    std::optional<subject_document> about; ///< of a status: between whom it may go, if the document was seen here
    business_action action;                ///< of a recall, update or replacement
    std::string traceparent;               ///< W3C trace context of the submission; empty: one is made
    milliseconds time_to_deliver{};        ///< deadline of each delivery, counted from acceptance
    std::vector<std::string> warnings;     ///< codes that intake found
    std::string submission;                ///< what the sender's system calls this message; empty: nothing
    spool content;                         ///< finished; beyond the inline limit already linked into the content files

    std::vector<std::string> sender_codes() const {
        auto codes = sender_aliases;
        codes.insert(codes.begin(), sender);
        return codes;
    }
};

struct recipient_delivery {
    std::string code;
    uuid delivery_id;
};

/// What the sender is told; for the same bytes always the same.
struct acceptance {
    uuid id;
    std::string document_id;
    sha256_digest sha256;
    signature_outcome signature{};
    std::vector<recipient_delivery> recipients;
    std::vector<std::string> warnings;
    std::string receipt;
    bool repeated = false; ///< these bytes had been accepted before
};

/// A refusal at the door of something an authenticated client sent.
struct refusal {
    std::string client;
    std::optional<sha256_digest> sha256; ///< empty when the content did not arrive as a whole
    errc code{};
    std::string what;
    std::string from;        ///< as far as it was read
    std::string document_id; ///< as far as it was read
    std::string reader;      ///< the agency in whose feed the receipt goes; empty for none
    std::string channel;
};

/// Empty when the client's refusals of the day are so many that this one was only counted.
struct refusal_record {
    std::string event_id;
    std::string receipt;
};

/// What accept() would do.
struct forecast {
    std::optional<acceptance> known; ///< the answer, if these bytes were accepted before
    std::vector<std::string> warnings;
};

/// The recipient's system ends a delivery: accepted = handed over, or rejected.
struct conclusion {
    uuid delivery_id;
    std::vector<std::string> recipients; ///< the agencies the client acts for
    bool accepted = true;
    std::string reason;
    std::string channel; ///< `<entrance>:<client>`
};

struct conclusion_record {
    delivery_state state{};
    std::string event_id;
    bool repeated = false;
};

/// What the recipient's system says of a delivery in its inbox that it has not ended.
enum class reported : std::uint8_t { initial = 0, processing = 1, failed = 2 };
std::string_view to_string(reported r); ///< as the axis SDK says it: initial, processing, fail

/// `failed` counts an attempt to hand over. The state does not change.
struct inbox_report {
    uuid delivery_id;
    std::vector<std::string> recipients; ///< the agencies the client acts for
    reported said = reported::initial;
    std::string reason;
    std::string channel; ///< `<entrance>:<client>`
};

enum class proposal_kind : std::uint8_t { registration = 0, closing = 1 };
enum class proposal_state : std::uint8_t { open = 0, confirmed = 1, declined = 2 };

/// A change of the directory that a client asks for and an administrator decides.
struct proposal {
    std::int64_t number = 0; ///< given by the store
    proposal_kind kind = proposal_kind::registration;
    std::string client;
    std::string code;    ///< of the agency, canonical
    std::string details; ///< of a registration: the agency as a JSON line of the directory; else empty
    timestamp proposed_at{};
    proposal_state state = proposal_state::open;
    std::optional<timestamp> decided_at{};
    std::string decided_by{};
};

/// Who keeps a delivery from going on.
enum class held_kind : std::uint8_t {
    no = 0,
    by_person = 1,
    by_truc = 2,
    to_expire = 3, ///< a person wants it ended; it ends as soon as custody is certainly here
};
std::string_view to_string(held_kind k); ///< "", person, truc, expiry

struct held_mark {
    held_kind kind = held_kind::no;
    std::string by; ///< the administrator; of Truc the node it speaks about, if any
    std::string reason;
    std::optional<timestamp> since;
};

struct delivery_row {
    std::int64_t seq = 0;
    uuid id;
    std::string recipient;
    delivery_state state{};
    timestamp deadline;
    std::optional<timestamp> consigned_at;
    std::optional<timestamp> ended_at;
    std::string reason;
    std::string passed_to;            ///< neighbour; empty while this node has custody
    std::vector<std::string> hops;    ///< nodes that had custody before this one
    std::uint32_t attempts = 0;       ///< to pass it on, that failed
    std::string last_attempt;         ///< why the last one did
    std::optional<timestamp> next_at; ///< of the next attempt
    std::optional<uuid> copy_of{};    ///< consigned, and not in the inbox before this one ends: the same document
    held_mark held{};
    std::optional<uuid> resent_from{}; ///< the ended delivery that this one repeats
};

struct dispatch_row {
    std::int64_t seq = 0; ///< cursor of lists
    std::string origin;   ///< node that accepted it from its sender
    uuid id;
    dispatch_kind kind{};
    std::string sender;
    std::string document_id;
    std::string code;
    std::string promulgated;
    std::string subject;
    std::string status_code;
    truc::priority priority{};
    sha256_digest sha256;
    std::uint64_t size = 0;
    signature_outcome signature{};
    std::string client;
    truc::entrance entrance{};
    timestamp accepted_at;
    std::vector<std::string> warnings;
    std::vector<delivery_row> deliveries;
    business_type business{};
    std::vector<std::string> acts_on{}; ///< of a recall, update or replacement: DocumentIds
    std::string traceparent{};
    std::string legal_hold{}; ///< who asked for it, and why; empty: none
    std::optional<timestamp> purged_at{};
};

struct inbox_item {
    std::int64_t seq = 0;
    uuid delivery_id;
    uuid id;
    std::string document_id;
    dispatch_kind kind{};
    std::string from;
    std::string to;
    truc::priority priority{};
    sha256_digest sha256;
    std::uint64_t size = 0;
    timestamp consigned_at;
    delivery_state state{};
    std::optional<reported> said{}; ///< what the recipient's system said of it last
    std::optional<timestamp> said_at{};
    std::uint32_t attempts = 0; ///< to hand it over, that failed
    bool held = false;          ///< not in the inbox for now; what was taken out before may still be acknowledged
};

/// Where reading an inbox goes on: urgent first, then in the order of arrival.
struct inbox_cursor {
    truc::priority priority = truc::priority::express_timed;
    std::int64_t seq = -1;
};

/// One delivery of what an agency sent.
struct sent_row {
    uuid id; ///< of the dispatch
    uuid delivery_id;
    dispatch_kind kind{};
    std::string from;
    std::string to;
    std::string code; ///< number/notation
    std::string subject;
    delivery_state state{};
    timestamp accepted_at;
    std::optional<timestamp> consigned_at; ///< or ended without: ended_at
    std::optional<timestamp> ended_at;
    std::string reason;
};

struct trace_row {
    std::string event_id;
    std::string event_xml;
};

struct receipt_row {
    std::string event_id;
    event_name event{};
    std::string xml;
    std::optional<uuid> delivery_id{}; ///< of the event, where receipts of one dispatch are listed
};

/// Bytes as they were received, checked against their digest when they were opened.
class content {
  public:
    explicit content(std::string inline_bytes) : inline_(std::move(inline_bytes)) {}
    explicit content(mapped_file file) : file_(std::move(file)), mapped_(true) {}
    std::string_view view() const { return mapped_ ? file_.view() : std::string_view(inline_); }

  private:
    std::string inline_;
    mapped_file file_;
    bool mapped_ = false;
};

/// Up to these ages what waits is counted apart; what is older than the last makes one more group.
inline constexpr std::array<std::chrono::minutes, 6> queue_ages = {std::chrono::minutes(1),  std::chrono::minutes(5),
                                                                   std::chrono::minutes(15), std::chrono::minutes(60),
                                                                   std::chrono::hours(4),    std::chrono::hours(24)};

/// How many deliveries wait for one recipient in one state, and since when.
struct queue_row {
    std::string recipient;
    delivery_state state{};
    std::string passed_to; ///< of relayed ones: the neighbour
    std::uint64_t count = 0;
    timestamp oldest;
    std::uint32_t attempts = 0;                              ///< to pass it on, that failed: of the one with the most
    std::array<std::uint64_t, queue_ages.size() + 1> ages{}; ///< how many of each age
};

} // namespace truc::store
