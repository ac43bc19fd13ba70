#pragma once
#include "network.hpp"

#include <truc/base/bytes.hpp>

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace truc::bench {

/// What one connection says: request after request, each after the answer to the one before. Owned by one thread.
class conversation {
  public:
    virtual ~conversation() = default;
    /// The next request as bytes, which stay valid until it is answered; empty when there is nothing more to say.
    virtual std::string_view next() = 0;
    /// True when this answer completes a unit of what is measured. Throws failure when the answer is not the expected.
    virtual bool answered(unsigned status, std::string_view body) = 0;
};

/// A POST of a document as the bytes on the wire.
std::string make_submission(std::string_view document);

/// What is to be sent, shared by the connections of one agency.
using request_queue = std::deque<std::string>;

/// Submits what the queue holds; a unit is a document accepted for the first time.
class submitting final : public conversation {
  public:
    /// `ids` gets the Truc id of each document.
    submitting(request_queue& queue, std::vector<std::string>& ids) : queue_(queue), ids_(ids) {}

    std::string_view next() override;
    bool answered(unsigned status, std::string_view body) override;

  private:
    request_queue& queue_;
    std::vector<std::string>& ids_;
    std::string request_;
};

/// Receives until the inbox is empty: a list of a few items with a claim, then content and acknowledgement of each; a
/// unit is a document handed over whose content has the promised digest.
class receiving final : public conversation {
  public:
    std::string_view next() override;
    bool answered(unsigned status, std::string_view body) override;

  private:
    enum class step { list, content, acknowledgement, done };
    struct item {
        std::string delivery;
        std::string sha256;
    };
    void take_list(std::string_view body);

    step step_ = step::list;
    std::deque<item> items_;
    std::string request_;
};

} // namespace truc::bench
