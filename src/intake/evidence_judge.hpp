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
        pass_over, ///< of no use here, and nobody is to blame
        unknown,   ///< of a delivery that was never here, or that a restored copy of this node lacks
        wait,      ///< true or not: this node's directory may not know yet what makes it so
        suspect,   ///< the same, but a lie if the directory has nothing to add
        lie,       ///< it contradicts what this node knows for certain
    };
    struct judgement {
        verdict is = verdict::take;
        /// Of all but `take`. Of wait and suspect what the directory would have to say: the same words for every
        /// receipt that waits for the same.
        std::string why;
    };
    /// A receipt that was verified.
    judgement judge(const ledger::event& e) const;

  private:
    judgement judge_delivery(const ledger::event& e, const store::passed_delivery& known) const;
    judgement judge_passing(const store::passed_delivery& known) const;
    judgement judge_speaker(const ledger::event& e, const directory::agency& recipient,
                            const directory::agency& answers) const;
    bool names(const std::string& to, const directory::agency& recipient, const directory::agency& answers) const;

    const pipeline& intake_;
    std::shared_ptr<const directory::directory> directory_;
    const store::store& store_;
    std::string_view self_;
    std::string_view neighbour_;
};

} // namespace truc::intake
