#pragma once
#include <truc/base/bytes.hpp>
#include <truc/base/clock.hpp>
#include <truc/model/agency_code.hpp>
#include <truc/model/vocabulary.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace truc::directory {

/// An organisation with a code. Level is data, not derived from digits.
struct agency {
    explicit agency(agency_code c) : code(std::move(c)) {}

    agency_code code;
    std::string name;
    std::string node;   ///< home node
    std::string level;  ///< ministry, province, district, commune, department …
    std::string parent; ///< code, may be empty
    std::string mail;
    /// The client that speaks for it, with everything that lies outside the exchange's tree; empty: it connects itself.
    std::string gateway;
    std::vector<agency_code> aliases;        ///< other codes that mean this agency
    std::vector<agency_code> successors;     ///< of a closed agency
    std::vector<sha256_digest> certificates; ///< those that sign for it
    std::optional<timestamp> valid_from;
    std::optional<timestamp> valid_to; ///< closed from then on
    /// Where they differ from the entrance's table.
    std::optional<signature_policy> documents;
    std::optional<signature_policy> statuses;
};

/// A system that connects.
struct client {
    std::string id;
    std::vector<sha256_digest> certificates;
    std::vector<agency_code> agencies; ///< it may act for
    std::vector<entrance> entrances;   ///< it may use
    bool disabled = false;
    /// It speaks for agencies outside the tree, too, and says itself which ones (agency::gateway). It acts for at least
    /// one agency of its own, and its node is the home of those behind it.
    bool gateway = false;
};

struct node {
    std::string name;
    std::string level;
    std::string parent; ///< empty at the root
    std::string http;
    std::string amqp;               ///< host:port where its relay listens; empty: it cannot be dialled
    std::vector<std::string> links; ///< nodes it has a direct link with; naming it on one side suffices
};

/// Lets a look-up by string_view work without making a string of it.
struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};
using text_index = std::unordered_map<std::string, std::size_t, text_hash, std::equal_to<>>;

/// What the exchange knows of its members at one moment: immutable after loading, thread-safe. Reload = a new one.
///
/// File: JSON Lines as in <truc/directory/json_lines.hpp>, in any order. Empty lines and lines that begin with '#' are
/// skipped; unknown members are ignored, a wrong or repeated one is an error naming file and line. So is what does not
/// fit together: a code, alias or certificate of two agencies, an id or certificate of two clients, an unknown parent,
/// successor, node, link or agency, parents that run in a circle, an agency whose gateway is no gateway of its node. A
/// client needs no certificate (it may have a secret instead).
///
/// The file is what this node's own administrators say. The directory in force may hold more: section_book::compose()
/// makes it out of the file and what other nodes have signed (<truc/directory/section_book.hpp>).
class directory {
  public:
    directory() = default;
    /// Error: bad_directory (what = "file:line: …").
    static result<directory> load(const std::filesystem::path& file);
    static result<directory> parse(std::string_view text, std::string_view name_for_errors);

    /// Any form of a code: as registered, an alias, dashes for dots, lower case. nullptr if unknown.
    const agency* find_agency(std::string_view code) const;
    /// The agency that answers for this one at that moment: itself while valid, once closed its successor if there is
    /// exactly one (followed further), else an error. Errors: recipient_unknown (code unknown), recipient_closed.
    result<const agency*> resolve_recipient(std::string_view code, timestamp at) const;
    bool is_valid(const agency& a, timestamp at) const;

    const client* find_client(std::string_view id) const;
    const client* find_client_by_certificate(const sha256_digest& digest) const;
    /// The node of all the agencies that the client acts for itself; empty where it acts for none, or where they are at
    /// home at several nodes.
    std::string_view home_of(const client& c) const;
    const node* find_node(std::string_view name) const;
    /// The agency for which this certificate signs; nullptr if nobody's.
    const agency* find_signer(const sha256_digest& certificate) const;

    /// The node to which something for `target` goes next, seen from `self`: `self` when it has arrived, nullopt when
    /// no way is known or one of the names is not. A direct link to the target, or to a node above it on the way down
    /// to it, comes first; then the child below which the target lies; else it goes up, to the parent or as far as a
    /// direct link leads on the same way. Nodes that hold the same directory never send round, and a node on the way
    /// sends on as the nodes before it expect. Costs the depth of the two nodes and no memory but the answer.
    std::optional<std::string> next_hop(std::string_view self, std::string_view target) const;
    /// Whether the route from `self` to `target` begins with `neighbour`. Nothing is behind `self`.
    bool is_behind(std::string_view self, std::string_view neighbour, std::string_view target) const;
    /// Whether `target` lies below `ancestor` in the tree, at whatever depth. No node lies below itself.
    bool is_below(std::string_view ancestor, std::string_view target) const;

    const std::vector<agency>& agencies() const { return agencies_; } ///< sorted by code
    const std::vector<client>& clients() const { return clients_; }
    const std::vector<node>& nodes() const { return nodes_; }
    /// Case and diacritics of Vietnamese do not matter in `query`; it is found anywhere in code, alias or name, and the
    /// empty one everywhere. In the order of codes, at most `max` beyond the code `after`.
    std::vector<const agency*> search(std::string_view query, std::string_view after, std::size_t max) const;

  private:
    friend class loader;
    friend class composer;

    static constexpr std::size_t nowhere = std::size_t(-1);
    /// Where a node stands, by positions in nodes_.
    struct place {
        std::size_t parent = nowhere;
        std::ptrdiff_t depth = 0;
        std::vector<std::size_t> links; ///< named by either side, sorted
    };

    void index_search_text();
    /// When names, parents and links of the nodes are known to be sound.
    void place_nodes();
    std::size_t position_of(std::string_view node_name) const;
    std::size_t meeting_point(std::size_t a, std::size_t b) const;
    std::size_t first_hop(std::size_t self, std::size_t target) const;
    std::size_t way_up(std::size_t self, std::size_t above) const;
    std::size_t linked_towards(std::size_t self, std::size_t target, std::size_t meeting) const;

    std::vector<agency> agencies_;
    std::vector<client> clients_;
    std::vector<node> nodes_;
    std::vector<std::string> search_text_; ///< of each agency, folded
    std::vector<place> places_;            ///< of each node
    // indexes: position by every form of a code, by certificate, by id
    text_index agency_by_code_;
    std::unordered_map<sha256_digest, std::size_t> agency_by_certificate_;
    text_index client_by_id_;
    std::unordered_map<sha256_digest, std::size_t> client_by_certificate_;
    text_index node_by_name_;
};

} // namespace truc::directory
