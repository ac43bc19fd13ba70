#pragma once
#include <truc/intake/pipeline.hpp>
#include <truc/ledger/receipt.hpp>
#include <truc/store/custody.hpp>

namespace truc::intake {

/// Who may state what about a delivery. Reads values and the store; one thread at a time.
class evidence_judge {
  public:
    evidence_judge(const pipeline& intake, const store::store& kept, std::string_view self, std::string_view neighbour)
        : intake_(intake), directory_(intake.current_directory()), store_(kept), self_(self), neighbour_(neighbour) {}

    enum class verdict : std::uint8_t {
        take,
        pass_over, ///< true, and of no use here: what this node stated itself
        wait,      ///< this node's directory does not know the node, or the recipient, yet
    };
    /// A receipt that was verified. Error: receipt_invalid, saying why the neighbour has no business with it.
    result<verdict> judge(const ledger::event& e) const;

  private:
    result<verdict> judge_delivery(const ledger::event& e, const store::passed_delivery& known) const;
    bool concerns_neighbour(const uuid& delivery, const store::passed_delivery& known,
                            const directory::agency& recipient) const;
    bool names(const ledger::event& e, const std::string& recipient) const;

    const pipeline& intake_;
    std::shared_ptr<const directory::directory> directory_;
    const store::store& store_;
    std::string_view self_;
    std::string_view neighbour_;
};

} // namespace truc::intake
