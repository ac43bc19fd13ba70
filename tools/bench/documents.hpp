#pragma once
#include "network.hpp"
#include "sized_signer.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace truc::bench {

/// Makes signed documents that differ in number, DocumentId and attachment, for all agencies of a network in turn.
/// Numbers rise through the life of the object, so that nothing is made twice. One thread at a time.
class document_maker {
  public:
    /// `first` is the first number, `seed` what the attachments are made from.
    explicit document_maker(const network& n, std::size_t first = 0, unsigned seed = 1)
        : network_(n), signer_(*n.agencies.front().signing), number_(first), seed_(seed) {}

    /// By agency, `count` documents each, signed on all processors. With its signature a document has `size` bytes, a
    /// few more or less; it cannot be smaller than an edXML document without attachment (about 3 KiB).
    std::vector<std::vector<std::string>> make(std::size_t count, std::size_t size);

    /// The same of one agency alone; the numbers of the others' documents are left out.
    std::vector<std::string> make_of(std::size_t agency, std::size_t count, std::size_t size);

    /// An unsigned status 01 of the document's recipient about a document that make() made, and the agency it is from.
    struct status {
        std::size_t agency;
        std::string text;
    };
    status make_status(std::size_t number) const;

    /// Of the first document that is made next for the first agency.
    std::size_t next_number() { return begin_round(), number_; }
    /// Which agency's inbox the document with that number goes to.
    std::size_t recipient_of(std::size_t number) const;

  private:
    std::string make_one(std::size_t number, std::size_t size) const;
    void begin_round();

    const network& network_;
    const sized_signer signer_;
    std::size_t number_;
    unsigned seed_;
};

} // namespace truc::bench
