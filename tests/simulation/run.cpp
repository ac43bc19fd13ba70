#include "run.hpp"

#include "actors.hpp"
#include "administrators.hpp"
#include "liar.hpp"
#include "temporary_directory.hpp"

#include <truc/base/log.hpp>

#include <fmt/format.h>

#include <cstdlib>

namespace truc::simulation {

namespace {

constexpr auto longest_calm = std::chrono::hours(24 * 5);

/// Memory is good enough for nodes whose disks never lose what was synced, if there is enough of it.
void use_memory_for_files() {
    const std::filesystem::path memory = "/dev/shm";
    std::error_code none;
    const auto space = std::filesystem::space(memory, none);
    if (!none && space.available > std::uintmax_t{2} << 30 && ::access(memory.c_str(), W_OK) == 0)
        ::setenv("TMPDIR", memory.c_str(), 1);
}

/// Fate: deaths, cuts, changing weather, administrators.
class fate {
  public:
    fate(world& w, const plan& p) : world_(w), plan_(p), administrators_(w) {}
    void begin() { strike(); }
    std::size_t deaths() const { return deaths_; }
    void have_mercy() { administrators_.release_everything(); }

  private:
    void strike() {
        if (world_.calm) return;
        const auto roll = world_.chance.below(100);
        if (roll < 35 && plan_.crashes)
            kill();
        else if (roll < 60 && plan_.cuts)
            cut();
        else if (roll < 80 && plan_.moves)
            world_.move_somebody();
        else if (roll < 90 && plan_.holds)
            administrators_.meddle();
        else if (plan_.cuts)
            change_weather();
        world_.time.after(world_.chance.between(milliseconds(500), std::chrono::seconds(12)), [this] { strike(); });
    }

    /// Between two actions, before a commit, or after one and before anybody is told.
    void kill() {
        auto& n = world_.at(world_.chance.below(world_.nodes.size()));
        if (!n.is_up()) return;
        ++deaths_;
        n.set_fuse(static_cast<unsigned>(world_.chance.below(12)));
    }

    void cut() {
        const auto w = world_.chance.below(world_.network.ways().size());
        world_.network.cut(w, "somebody dug");
        world_.time.after(world_.chance.between(std::chrono::seconds(1), std::chrono::seconds(90)),
                          [this, w] { world_.network.restore(w); });
    }

    void change_weather() {
        auto& w = world_.network.weather;
        const auto up_to = [this](std::size_t most) { return static_cast<unsigned>(world_.chance.below(most + 1)); };
        w = {up_to(20), up_to(30), up_to(30), up_to(30), milliseconds(5 + world_.chance.below(3000))};
    }

    world& world_;
    const plan& plan_;
    administrators administrators_;
    std::size_t deaths_ = 0;
};

/// One run: the storm, then the calm, then the judgement.
class director {
  public:
    director(const plan& p, const std::filesystem::path& scratch)
        : plan_(p), world_(p.seed, scratch, p.verbose), systems_(world_, p.documents), fate_(world_, p) {
        if (p.liar) {
            liar_at_ = world_.chance.below(world_.nodes.size());
            liar_.emplace(world_, *liar_at_);
        }
    }

    outcome play() {
        systems_.begin();
        fate_.begin();
        look_around();
        ask_around();
        const auto storm_ends = world_.time.now() + std::chrono::minutes(plan_.minutes);
        while (world_.oracle.violations().empty() && world_.time.step(storm_ends)) {
        }
        if (world_.oracle.violations().empty()) come_to_rest();
        return report();
    }

  private:
    /// Now and then the oracle looks at one node.
    void look_around() {
        if (world_.calm) return;
        world_.oracle.look_at(world_.chance.below(world_.nodes.size()));
        world_.time.after(milliseconds(700), [this] { look_around(); });
    }

    /// A lost question is asked again some time.
    void ask_around() {
        for (const auto& w : world_.network.ways()) {
            world_.network.ask_for_evidence(world_.at(w.a), world_.at(w.b));
            world_.network.ask_for_evidence(world_.at(w.b), world_.at(w.a));
        }
        world_.time.after(world_.calm ? std::chrono::minutes(10) : std::chrono::seconds(15), [this] { ask_around(); });
    }

    void come_to_rest() {
        world_.calm_down();
        const auto latest = world_.time.now() + longest_calm;
        auto pause = milliseconds(2000);
        while (world_.oracle.violations().empty() && world_.time.now() < latest) {
            fate_.have_mercy();
            systems_.do_everything();
            const auto until = world_.time.now() + pause;
            while (world_.time.step(until)) {
            }
            for (std::size_t i = 0; i < world_.nodes.size(); ++i) world_.oracle.look_at(i);
            if (world_.oracle.is_quiet() && systems_.is_done()) break;
            pause = std::min<milliseconds>(pause * 2, std::chrono::hours(4));
        }
        if (!systems_.is_done()) world_.oracle.violated("not every document was answered for");
        world_.oracle.judge_the_end();
    }

    outcome report() {
        outcome o;
        o.violations = world_.oracle.violations();
        o.accused.assign(world_.oracle.accused().begin(), world_.oracle.accused().end());
        if (liar_at_) o.liar = world_.at(*liar_at_).name();
        if (liar_) o.lies = liar_->lies();
        o.dispatches = world_.oracle.dispatches();
        o.deaths = fate_.deaths();
        auto ends = world_.oracle.ends();
        o.handed_over = ends[delivery_state::handed_over];
        o.rejected = ends[delivery_state::rejected];
        o.expired = ends[delivery_state::expired];
        o.undeliverable = ends[delivery_state::undeliverable];
        o.steps = world_.time.steps();
        std::string heads;
        for (auto& n : world_.nodes)
            if (n->is_up()) heads += n->store().head_xml();
        o.digest = sha256(heads + std::to_string(o.steps)).hex();
        return o;
    }

    const plan plan_;
    world world_;
    systems systems_;
    fate fate_;
    std::optional<liar> liar_;
    std::optional<std::size_t> liar_at_;
};

} // namespace

std::string outcome::summary() const {
    return fmt::format(
        "{} steps, {} deaths, {} dispatches: {} handed over, {} rejected, {} expired, {} undeliverable{}", steps,
        deaths, dispatches, handed_over, rejected, expired, undeliverable,
        liar.empty() ? "" : fmt::format("; {} lies of {}", lies, liar));
}

outcome play(const plan& p) {
    use_memory_for_files();
    set_log_level("off"); // nodes that die complain
    const test::temporary_directory scratch;
    return director(p, scratch.path()).play();
}

} // namespace truc::simulation
