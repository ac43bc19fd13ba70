#include "relay_announcement.hpp"

#include <boost/json.hpp>

namespace truc::api {

namespace {

namespace json = boost::json;

constexpr std::size_t most_nodes = 128; ///< of a proof; 64 levels need fewer

json::value write_proof(const relay_announcement::extension& p) {
    json::array nodes;
    for (const auto& n : p.nodes) nodes.emplace_back(n.hex());
    return json::object{{"from", p.from}, {"to", p.to}, {"nodes", std::move(nodes)}};
}

/// The members of one object, as far as they have the type that is asked for; what is missing keeps its default.
class members {
  public:
    explicit members(const json::object& o) : object_(o) {}

    template <class Number>
    bool number(std::string_view name, Number& into) const {
        const auto* v = object_.if_contains(name);
        if (!v || v->is_null()) return true;
        boost::system::error_code ec;
        const auto value = v->to_number<std::int64_t>(ec);
        if (ec || value < 0) return false;
        into = static_cast<Number>(value);
        return true;
    }
    bool text(std::string_view name, std::string& into) const {
        const auto* v = object_.if_contains(name);
        if (!v || v->is_null()) return true;
        if (!v->is_string()) return false;
        into = std::string_view(v->get_string());
        return true;
    }
    /// Null: there is none.
    const json::object* object(std::string_view name) const {
        const auto* v = object_.if_contains(name);
        return v ? v->if_object() : nullptr;
    }
    const json::array* array(std::string_view name) const {
        const auto* v = object_.if_contains(name);
        return v ? v->if_array() : nullptr;
    }

  private:
    const json::object& object_;
};

bool read_proof(const json::object& o, relay_announcement& a) {
    const members m(o);
    auto& proof = a.proof.emplace();
    const auto* nodes = m.array("nodes");
    if (!nodes || nodes->size() > most_nodes || !m.number("from", proof.from) || !m.number("to", proof.to))
        return false;
    for (const auto& n : *nodes) {
        const auto* text = n.if_string();
        const auto digest = text ? sha256_digest::from_hex(std::string_view(*text)) : std::nullopt;
        if (!digest) return false;
        proof.nodes.push_back(*digest);
    }
    return true;
}

bool read_known(const json::object& o, relay_announcement& a) {
    const members m(o);
    auto& known = a.known.emplace();
    return m.text("log", known.log) && m.number("size", known.size);
}

bool read_sections(const json::object& o, relay_announcement& a) {
    const members m(o);
    for (const auto& [name, value] : o)
        if (!m.number(name, a.sections[std::string(std::string_view(name))])) return false;
    return true;
}

bool read_members(const json::object& o, relay_announcement& a) {
    const members m(o);
    std::int64_t time = 0;
    if (!m.text("node", a.node) || !m.number("version", a.version) || !m.number("time", time) ||
        !m.text("log", a.log) || !m.text("head", a.head))
        return false;
    a.time = from_millis(time);
    if (const auto* list = m.array("abilities"))
        for (const auto& one : *list)
            if (const auto* text = one.if_string()) a.abilities.emplace_back(std::string_view(*text));
    if (const auto* known = m.object("known"); known && !read_known(*known, a)) return false;
    if (const auto* proof = m.object("proof"); proof && !read_proof(*proof, a)) return false;
    if (const auto* sections = m.object("sections"); sections && !read_sections(*sections, a)) return false;
    const auto* echo = o.if_contains("echo");
    a.echo = echo && echo->is_bool() && echo->get_bool();
    return true;
}

} // namespace

std::string write_announcement(const relay_announcement& a) {
    json::object sections;
    for (const auto& [node, version] : a.sections) sections[node] = version;
    json::array abilities;
    for (const auto& ability : a.abilities) abilities.emplace_back(ability);
    json::object o{{"node", a.node},
                   {"version", a.version},
                   {"abilities", std::move(abilities)},
                   {"time", to_millis(a.time)},
                   {"log", a.log},
                   {"head", a.head},
                   {"known", nullptr},
                   {"proof", nullptr},
                   {"sections", std::move(sections)},
                   {"echo", a.echo}};
    if (a.known) o["known"] = json::object{{"log", a.known->log}, {"size", a.known->size}};
    if (a.proof) o["proof"] = write_proof(*a.proof);
    return json::serialize(o);
}

result<relay_announcement> read_announcement(std::string_view text) {
    boost::system::error_code ec;
    const auto parsed = json::parse(text, ec); // at most 32 levels deep
    const auto* object = ec ? nullptr : parsed.if_object();
    relay_announcement a;
    if (!object || !read_members(*object, a)) return fail(errc::bad_request, "announcement");
    return a;
}

} // namespace truc::api
