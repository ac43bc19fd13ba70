#pragma once
/// What a recall, update or replacement does at the nodes it comes to. It never acts in transit: document and recall
/// both travel, and the recipient's home decides, inside the transaction that would put the one or the other into the
/// inbox. So there is no moment at which a document could be both taken away and handed over.

#include "held.hpp"

namespace truc::store {

/// What it acts on, and whom it adds; for every leg of it.
void keep_action(connection& db, std::int64_t dispatch, const business_action& a);
/// What this delivery of it takes from its recipient.
void keep_withdrawals(connection& db, const held_delivery& v, const business_action& a);
/// The same of one whose recipient has another name from now on.
void rename_withdrawals(connection& db, const held_delivery& v);

/// Whether somebody may once have wanted it taken from its recipient: an indexed look, for the many that nobody did.
bool may_be_withdrawn(connection& db, const held_delivery& v);
/// A document that was recalled, replaced or taken from this recipient before it came: it ends `recalled`, and so do
/// those that took it away, where they still wait in the inbox for it. `named` is the recipient as its sender knew it.
bool end_if_withdrawn(transaction& t, held_delivery& v, const std::string& named);

/// What it found of what it takes away.
struct taken_away {
    /// The sender of none of them: whoever acts on a document must have sent its first version, or succeed who did.
    bool of_others = false;
    bool in_time = false;                  ///< the recipient has not seen it, and never will
    std::optional<std::int64_t> given_out; ///< the delivery that its recipient's system has already: too late
};
/// Takes what lies in the inbox of its recipient away. Nothing of a document that is new.
taken_away take_away(transaction& t, const held_delivery& v);
/// Ends what has nothing to tell its recipient any more: a recall that came in time, an update that removes who never
/// got the document, and what somebody else's documents are named in. False: it is to be shown.
bool end_if_done(transaction& t, held_delivery& v, const taken_away& found);
/// The sender learns that it came too late, and that the recipient has to answer (status 15 or 16).
void record_too_late(transaction& t, const held_delivery& v, std::int64_t given_out);
/// A recipient's system acknowledges what was taken from its inbox while it was on the way to it: the sender of the
/// recall, which counted as in time, learns that, once. True: this was the time. Nobody can take it back any more.
bool record_taken_unheard(transaction& t, const held_delivery& document);

/// Its sender may act on what it acts on, as far as this node knows: recall_not_yours, update_not_yours,
/// replace_not_yours. False: some of it was never seen here. Of an agency that may have sent by other doors this node
/// knows too little to refuse it: the recipient's home decides, by who sent what it has.
result<bool> may_act(connection& db, const standing_in* stands_for, const new_dispatch& d);

/// The recipients that an update adds get the first version, if that was accepted here, nothing took it away since and
/// its bytes are still kept.
/// `acceptance` is the event that accepted the update.
void deliver_to_added(transaction& t, const new_dispatch& update, std::uint64_t acceptance);

/// False: it adds recipients to what was submitted here and is not kept any more.
bool has_for_added(connection& db, const standing_in* stands_for, const new_dispatch& update);

/// Of a delivery that its dispatch got later: this event names its recipient, and goes with its legs.
void note_acceptance(connection& db, std::int64_t delivery, std::uint64_t leaf);

/// A status is noted at the deliveries it is about, at the node of who reports it and at that of who hears it.
void note_status(transaction& t, std::int64_t status, const std::string& code, const held_delivery& v);

} // namespace truc::store
