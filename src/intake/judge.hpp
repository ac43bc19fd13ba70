#pragma once
#include <truc/intake/pipeline.hpp>

namespace truc::intake {

/// The policy: may this channel send this message, so signed, to them? Reads the verified view's message only.
class judge {
  public:
    judge(const directory::directory& d, const channel& from, const std::string& node, timestamp at)
        : directory_(d), channel_(from), node_(node), at_(at) {}

    /// Everything of the dispatch but its content and deadline. Errors: signature_missing, signature_invalid,
    /// secret_document, the sender_… codes, wrong_node, the certificate_… codes, the recipient_… codes,
    /// attachment_mismatch.
    result<store::new_dispatch> judge_message(const pack::message& m, const dsig::verified_view& view,
                                              const wishes& asked) const;

  private:
    result<const directory::agency*> judge_sender(const pack::message& m, const dsig::verified_view& view) const;
    bool is_vouched_for(const directory::agency& sender, const dsig::verified_view& view) const;
    result<void> judge_signature(const pack::message& m, const directory::agency& sender,
                                 const dsig::verified_view& view) const;
    result<void> judge_recipients(const pack::message& m, const wishes& asked, store::new_dispatch& d) const;
    std::vector<const pack::organization*> choose(const pack::message& m, const wishes& asked,
                                                  std::vector<error>& bad) const;
    std::function<bool(const std::string&)> meaning(std::vector<agency_code> codes) const;
    store::subject_document subject_of(const pack::message& m, const directory::agency& reporter,
                                       const std::string& addressee) const;
    result<const directory::agency*> judge_recipient(const pack::organization& to) const;

    const directory::directory& directory_;
    const channel& channel_;
    const std::string& node_;
    timestamp at_;
};

} // namespace truc::intake
