#include "node.hpp"

namespace truc::simulation {

namespace {

/// Ends nothing: a command that the writer answers without changing anything.
const store::conclusion nothing{};

deliver::leg_answer refused(const error& e) {
    const auto& entry = describe(e.code);
    const auto fate = entry.retryable ? deliver::leg_fate::released : deliver::leg_fate::rejected;
    return {fate, std::string(entry.name) + ": " + e.what};
}

/// In pieces, as a session gets them.
template <class Feed>
result<void> feed_in_pieces(std::string_view text, std::size_t piece, Feed feed) {
    do {
        if (auto fed = feed(text.substr(0, piece)); !fed) return fed;
        text.remove_prefix(std::min(piece, text.size()));
    } while (!text.empty());
    return {};
}

} // namespace

node::node(const node_role& role, const timeline& time, std::filesystem::path directory, milliseconds skew,
           std::uint64_t seed, events e)
    : role_(role), directory_(std::move(directory)), clock_(time, skew), seed_(seed), events_(std::move(e)) {}

node::~node() {
    if (is_up()) drop_parts();
}

void node::start() {
    ++life_;
    clock_.set_fuse({});
    clock_.forget_mark();
    notices_.clear();
    alarms_ = std::make_unique<alarm_board>(clock_);
    store::store::options keeping;
    keeping.directory = directory_;
    keeping.node = role_.name;
    keeping.signer = role_.signer;
    keeping.clock = &clock_;
    keeping.on_commit = [this](const store::commit_notice& notice) { on_commit(notice); };
    keeping.way = [this](const std::string& recipient) {
        return deliver::neighbour_towards(*pipeline_->current_directory(), role_.name, recipient, clock_.now());
    };
    store_ = std::make_unique<store::store>(std::move(keeping));
    open_parts();
    woken_ = true;
    events_.wants_to_run(*this);
}

void node::open_parts() {
    const auto& shared = cast::instance();
    intake::pipeline::options entrance;
    entrance.store = store_.get();
    entrance.schemas = shared.schemas();
    entrance.node = role_.name;
    entrance.clock = &clock_;
    entrance.time_to_deliver = {std::chrono::hours(72), std::chrono::hours(24), std::chrono::hours(8),
                                std::chrono::minutes(10), std::chrono::seconds(40)};
    pipeline_ = std::make_unique<intake::pipeline>(
        entrance, intake::surroundings{editions_.front().directory, shared.verifier()});
    for (const auto& e : editions_) use(e);
    intake::transit::options passing;
    passing.store = store_.get();
    passing.intake = pipeline_.get();
    passing.node = role_.name;
    passing.exchange = shared.exchange();
    passing.clock = &clock_;
    passing.alarms = alarms_.get();
    passing.section_version = [this](std::string_view section) { return version_of(section); };
    transit_ = std::make_unique<intake::transit>(passing);
    inbox_ = std::make_unique<deliver::inbox>(*store_, clock_);
    deliver::forwarder::options forwarding;
    forwarding.store = store_.get();
    forwarding.node = role_.name;
    forwarding.clock = &clock_;
    forwarding.alarms = alarms_.get();
    forwarding.directory = [this] { return knows().directory; };
    forwarding.judge_at_home = [this](const store::outgoing_leg& leg) { return transit_->judge_at_home(leg); };
    forwarding.wake = [this] { woken_ = true; };
    forwarding.seed = seed_ + life_;
    forwarding.section_version = [this](std::string_view section) { return version_of(section); };
    forwarding.window = 5; // so small that lanes go back to the disk
    forwarder_ = std::make_unique<deliver::forwarder>(std::move(forwarding));
}

std::uint64_t node::version_of(std::string_view section) const {
    const auto found = knows().sections.find(section);
    return found == knows().sections.end() ? 0 : found->second;
}

void node::drop_parts() {
    store_->drain();
    forwarder_.reset();
    inbox_.reset();
    transit_.reset();
    pipeline_.reset();
    store_.reset();
}

void node::die() { drop_parts(); }

/// The writer's thread. The forwarder hears of it first, as in a real node.
void node::on_commit(const store::commit_notice& notice) {
    if (forwarder_) {
        forwarder_->notice(notice.queued);
        forwarder_->withhold(notice.withheld);
    }
    notices_.push_back(notice);
    clock_.group_ended(store_->queued() == 0);
}

bool node::act(const std::function<void()>& what) {
    if (!is_up()) throw std::logic_error(name() + " is down");
    std::promise<void> reached, gate;
    store_->conclude(nothing, [&reached, opened = gate.get_future().share()](auto) {
        reached.set_value();
        opened.wait();
    });
    reached.get_future().wait(); // so that the gate is a group of its own
    what();
    if (!settle(gate)) {
        die();
        events_.died(*this);
        return false;
    }
    const auto told = std::move(notices_);
    notices_.clear();
    for (const auto& notice : told) events_.committed(*this, notice);
    if (woken_) events_.wants_to_run(*this);
    return true;
}

/// Opens the gate behind which everything waits that was asked of the store.
bool node::settle(std::promise<void>& gate) {
    clock_.forget_mark();
    store_->conclude(nothing, [this](auto) { clock_.mark(); });
    gate.set_value();
    const bool alive = clock_.wait_until_idle();
    if (!alive) store_->drain();
    return alive;
}

void node::learn(const std::vector<edition>& editions, std::size_t up_to) {
    if (editions_.size() > up_to) return;
    while (editions_.size() <= up_to) {
        editions_.push_back(editions[editions_.size()]);
        if (is_up()) use(editions_.back());
    }
    if (is_up()) act([this] { forwarder_->directory_changed(); });
}

void node::use(const edition& e) { pipeline_->reload({e.directory, cast::instance().verifier()}); }

result<intake::verified_dispatch> node::examine(intake::reception& r, std::string_view bytes) {
    auto fed = feed_in_pieces(bytes, 20'000, [&r](std::string_view piece) { return r.feed(piece); });
    if (fed) fed = r.finish();
    if (!fed) return fail(fed.error());
    return pipeline_->examine(r);
}

std::optional<result<store::acceptance>> node::submit(const std::string& client, std::string_view bytes) {
    std::optional<result<store::acceptance>> answer;
    const bool alive = act([&] {
        intake::channel from;
        from.directory = pipeline_->current_directory();
        from.client = from.directory->find_client(client);
        auto arriving = pipeline_->begin(from);
        if (!arriving) return void(answer = fail(arriving.error()));
        auto examined = examine(*arriving, bytes);
        if (examined) {
            pipeline_->accept(std::move(*examined), [&answer](auto a) { answer = std::move(a); });
        } else if (auto known = pipeline_->recall_answer(*arriving)) {
            answer = std::move(*known);
        } else {
            answer = fail(examined.error());
            pipeline_->refuse(*arriving, examined.error(), [](auto) {});
        }
    });
    return alive ? std::move(answer) : std::nullopt;
}

std::optional<deliver::leg_answer> node::take(const letter& l) {
    std::optional<deliver::leg_answer> answer;
    const bool alive = act([&] {
        auto arriving = transit_->begin(l.neighbour);
        if (!arriving) return void(answer = refused(arriving.error()));
        const std::pair<std::size_t, std::string_view> sections[] = {{0, l.envelope}, {1, l.receipt}, {2, l.content}};
        result<void> fed;
        for (const auto& [number, text] : sections)
            if (fed)
                fed =
                    feed_in_pieces(text, 10'000, [&](std::string_view piece) { return arriving->feed(number, piece); });
        if (fed) fed = arriving->finish();
        if (!fed) return void(answer = refused(fed.error()));
        auto examined = transit_->examine(*arriving);
        if (!examined) return void(answer = refused(examined.error()));
        transit_->take(std::move(*examined), [&answer](const result<store::leg_taken>& taken) {
            answer = taken ? deliver::leg_answer{deliver::leg_fate::accepted, {}} : refused(taken.error());
        });
    });
    return alive ? std::move(answer) : std::nullopt;
}

std::optional<result<store::conclusion_record>> node::conclude(deliver::inbox::answer a) {
    std::optional<result<store::conclusion_record>> answer;
    const bool alive =
        act([&] { inbox_->acknowledge(std::move(a), [&answer](auto record) { answer = std::move(record); }); });
    return alive ? std::move(answer) : std::nullopt;
}

bool node::take_feed(const std::string& neighbour, const std::string& log, std::uint64_t from,
                     const std::vector<intake::transit::fed_receipt>& receipts) {
    return act([&] {
        auto batch = transit_->examine_evidence(neighbour, log, from, receipts);
        store_->take_evidence(std::move(batch), [](auto) {});
    });
}

bool node::take_lies(const std::string& neighbour, const std::string& log,
                     const std::vector<intake::transit::fed_receipt>& receipts) {
    return act([&] {
        const auto cursor = store_->cursor_of(neighbour, log);
        auto batch = transit_->examine_evidence(neighbour, log, cursor, receipts);
        batch.next = cursor;
        store_->take_evidence(std::move(batch), [](auto) {});
    });
}

std::optional<timestamp> node::run() {
    std::optional<timestamp> next;
    act([&] {
        woken_ = false;
        next = forwarder_->run();
    });
    return next;
}

} // namespace truc::simulation
