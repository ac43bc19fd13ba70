#pragma once
#include <truc/intake/pipeline.hpp>
#include <truc/ledger/event.hpp>
#include <truc/model/envelope.hpp>
#include <truc/store/custody.hpp>

namespace truc::intake {

/// What rule 8 of custody is judged by.
struct leg_surroundings {
    const pipeline& intake; ///< remembers homes of earlier directories
    std::shared_ptr<const directory::directory> directory;
    const std::string& node;
    const std::function<std::uint64_t(std::string_view)>& section_version;
    timestamp at;
};

/// Custody rule 8, (a) and (c), and what becomes of each delivery. What fails only because this node's directory may be
/// older than the one the sender routed by is directory_behind. Reads values only.
class leg_judge {
  public:
    leg_judge(const leg_surroundings& s, const envelope& e) : s_(s), envelope_(e) {}

    /// (a) Whether the node that accepted the document is the home of its sender, or that of a gateway; gives the
    /// sender. Errors:
    /// origin_not_home, directory_behind.
    result<const directory::agency*> judge_origin(const pack::message& m, const ledger::event& acceptance) const;
    /// (c), and that nobody made up the deliveries' ids. `added`: whom updates that came here add to the document; a
    /// recipient that only the origin's acceptance names waits for such an update. Errors: recipient_not_named,
    /// update_awaited (retryable), envelope_invalid, directory_behind.
    result<void> judge_recipients(const pack::message& m, const std::vector<std::string>& added,
                                  const ledger::event& acceptance) const;
    /// What a recall, update or replacement does to the recipients of this leg.
    store::business_action action_of(const pack::message& m) const;

    /// Whether the client that submitted it at its origin speaks for another exchange.
    bool is_by_gateway(const ledger::event& acceptance) const;

    /// `at_home` is the fate of those whose home is this node.
    std::vector<store::incoming_delivery> decide(store::fate at_home) const;
    bool has_recipient_here() const;

    /// The code, or directory_behind where the sender knows newer sections than this node.
    errc or_behind(errc code) const;

  private:
    errc unnamed(const pack::message& m, const std::string& recipient, const ledger::event& acceptance) const;
    bool is_delivery_for(const uuid& delivery, const std::vector<std::string>& codes,
                         const ledger::event& acceptance) const;
    bool came_by_gateway(const ledger::event& acceptance) const;
    const directory::agency* home_agency(const std::string& recipient) const;
    bool comes_from(const std::string& node) const;
    bool comes_from_home(const std::string& recipient) const;
    std::vector<std::string> codes_between(const std::string& named, const std::string& recipient) const;

    const leg_surroundings& s_;
    const envelope& envelope_;
};

} // namespace truc::intake
