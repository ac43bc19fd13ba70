#pragma once
#include <truc/base/durable.hpp>
#include <truc/directory/directory.hpp>
#include <truc/model/vocabulary.hpp>
#include <truc/xml/first_pass.hpp>

#include <memory>
#include <optional>
#include <string>

namespace truc::intake {

/// What an entrance asks of what comes in. The whole difference between the entrances is this table.
struct entrance_rules {
    signature_policy documents;
    signature_policy statuses;
    std::size_t largest_message; ///< bytes
};
const entrance_rules& rules_of(entrance e);

/// Who is at the other end: authenticated, and allowed to use this entrance.
struct channel {
    std::shared_ptr<const directory::directory> directory; ///< keeps `client` alive
    const directory::client* client = nullptr;
    truc::entrance entrance = truc::entrance::http;

    std::string name() const { return std::string(to_string(entrance)) + ":" + client->id; }
    /// For its own agencies, and as a gateway for those behind it.
    bool acts_for(const agency_code& code) const;
    /// Whether it is a gateway, and the exchange behind it serves that recipient itself: one that is not known here
    /// (nullptr), or that stands behind this gateway.
    bool is_served_beyond(const directory::agency* recipient) const;
};

/// What the sender asks beside the document.
struct wishes {
    /// The recipients of the document that this submission is for, as the client wrote them; empty: all of them. One
    /// that the document does not name is recipient_unknown.
    std::vector<std::string> only_to;
    std::string submission;    ///< what the sender's system calls this message: comes back with the evidence about it
    std::string traceparent{}; ///< W3C trace context, read by read_traceparent(); empty: none came
    bool signed_on_behalf = false; ///< the adapter that connects the agency's legacy system put the signature in
};

/// What was read of a message that may yet be refused; as the sender wrote it.
struct message_facts {
    std::string from;
    std::string document_id;
};

/// A message while it arrives: limits and the first look at the XML, piece by piece, and a spool. A fault in the XML
/// does not stop it: the rest is hashed all the same, so that the refusal names the document by its digest. One thread
/// at a time.
class reception {
  public:
    reception(channel from, spool content, const entrance_rules& rules, wishes asked = {});

    /// Nothing new may come in, for this reason: only its digest is of interest, in case it was accepted before. What
    /// there is no space for (no_space) is read as far as it fits into memory.
    void close(error why) { closed_ = std::move(why); }

    /// Errors after which reading on is pointless: too_large, no_space, internal, and while closed what close() said.
    result<void> feed(std::string_view piece);
    /// Errors: faults of the XML; what close() said.
    result<void> finish();

    const channel& from() const { return channel_; }
    const wishes& asked() const { return asked_; }
    std::size_t size() const { return size_; }
    /// After finish(); also when there was a fault. Empty when the message was cut off.
    const std::optional<sha256_digest>& digest() const { return digest_; }
    const message_facts& facts() const { return facts_; }

  private:
    friend class pipeline;

    channel channel_;
    wishes asked_;
    spool spool_;
    xml::first_pass first_pass_;
    std::optional<error> fault_, closed_;
    std::optional<sha256_digest> digest_;
    std::size_t size_ = 0;
    std::size_t largest_;
    message_facts facts_;
};

} // namespace truc::intake
