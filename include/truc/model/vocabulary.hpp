#pragma once
/// The words of the exchange as types. Values only. The numbers are stored in databases: never renumber.

#include <cstdint>
#include <optional>
#include <string_view>

namespace truc {

/// What a dispatch is; decided by its content, never by a header.
enum class dispatch_kind : std::uint8_t { edoc = 0, status = 1 };

/// Độ khẩn of edXML's OtherInfo/Priority. NĐ 30/2020 knows khẩn, thượng khẩn and hỏa tốc.
enum class priority : std::uint8_t { normal = 0, urgent = 1, very_urgent = 2, express = 3, express_timed = 4 };

/// BussinessDocType (sic) of edXML.
enum class business_type : std::uint8_t { new_document = 0, recall = 1, update = 2, replace = 3 };

/// What checking the XML signature said. Invalid is not among them: an invalid signature is accepted nowhere.
enum class signature_outcome : std::uint8_t { valid = 0, absent = 1, not_verifiable = 2 };

/// What an entrance asks of signatures.
enum class signature_policy : std::uint8_t { required, if_present };

/// By which door a message came in. `relay` is that of neighbour nodes, which no client may use.
enum class entrance : std::uint8_t { http = 0, amqp = 1, axis = 2, adapter = 3, relay = 4 };

/// Names of events in the ledger; the first nine follow ETSI EN 319 522.
enum class event_name : std::uint8_t {
    submission_acceptance = 0,
    submission_rejection = 1,
    relay_acceptance = 2,
    relay_rejection = 3,
    relay_failure = 4,
    content_consignment = 5,
    content_consignment_failure = 6,
    content_handover = 7,
    content_handover_failure = 8,
    recall = 9,
    expiry = 10,
    hold = 11,
    release = 12,
    log_opened = 13,      ///< the first event of a log; of one that a restored copy opened it names the old one's head
    expiry_warning = 14,  ///< the deadline comes near
    recall_too_late = 15, ///< of a recall, update or replacement: what it takes away was handed over before
    resend = 16,          ///< a new delivery for one that has ended, at the origin
    retry = 17,           ///< an administrator had it tried at once
    purge = 18,           ///< the content was removed; rows, events and receipts stay
    legal_hold = 19,      ///< the content must not be removed
    legal_release = 20,
    other = 255, ///< of a newer node: kept and passed on, not understood
};

std::string_view to_string(dispatch_kind k);
std::string_view to_string(priority p);
std::string_view to_string(business_type b); ///< new, recall, update, replace
std::string_view to_string(signature_outcome s);
std::string_view to_string(entrance e);
std::string_view to_string(event_name n); ///< as in receipts: "ContentHandover"; `other` has no name of its own
std::optional<priority> priority_from(std::string_view text);
/// nullopt for `other`, too: what a newer node calls it stands in the event.
std::optional<event_name> event_name_from(std::string_view text);

/// Whether a node may be called so: [a-z0-9-]{1,63}.
bool is_node_name(std::string_view text);

} // namespace truc
