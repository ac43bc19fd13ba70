#pragma once
/// Who takes part: nodes of four levels, agencies with their keys, the documents they may send. Made once per process,
/// because signing costs; every run plays with the same.

#include "test_pki.hpp"

#include <truc/directory/directory.hpp>
#include <truc/dsig/verifier.hpp>
#include <truc/ledger/receipt.hpp>
#include <truc/xml/schema.hpp>

#include <map>

namespace truc::simulation {

struct node_role {
    std::string name;
    std::string level;
    std::string parent;
    std::vector<std::string> links; ///< direct ones, beside the tree
    std::shared_ptr<const ledger::head_signer> signer;
};

struct agency_role {
    std::string code;
    std::string client;
    std::size_t first_home; ///< a node's position
    test::identity key;
};

struct document_role {
    std::size_t sender; ///< an agency's position
    std::string document_id;
    std::vector<std::string> recipients;
    std::string bytes;
};

/// What the directory says at one moment of a run, and which sections of it.
struct edition {
    std::size_t number = 0;
    std::vector<std::size_t> homes; ///< of the agencies, by their positions
    std::shared_ptr<const directory::directory> directory;
    std::map<std::string, std::uint64_t, std::less<>> sections;
};

class cast {
  public:
    static const cast& instance();

    const std::vector<node_role>& nodes() const { return nodes_; }
    const std::vector<agency_role>& agencies() const { return agencies_; }
    const std::vector<document_role>& documents() const { return documents_; }
    const std::shared_ptr<const trust::certificate_store>& exchange() const { return exchange_; }
    const std::shared_ptr<const dsig::verifier>& verifier() const { return verifier_; }
    const std::shared_ptr<const xml::schema_registry>& schemas() const { return schemas_; }

    edition first_edition() const;
    /// The directory after an agency has moved: two nodes have signed new sections.
    edition moved(const edition& before, std::size_t agency, std::size_t to) const;
    std::size_t position_of_node(std::string_view name) const;
    const agency_role& agency(std::string_view code) const;

  private:
    cast();
    void add_node(const std::string& name, const std::string& level, const std::string& parent,
                  std::vector<std::string> links = {});
    void add_agency(const std::string& code, const std::string& home);
    void write_documents(std::size_t sender);
    std::shared_ptr<const directory::directory> print(const std::vector<std::size_t>& homes) const;

    test::test_pki pki_;
    std::vector<node_role> nodes_;
    std::vector<agency_role> agencies_;
    std::vector<document_role> documents_;
    std::shared_ptr<const trust::certificate_store> exchange_;
    std::shared_ptr<const dsig::verifier> verifier_;
    std::shared_ptr<const xml::schema_registry> schemas_;
};

} // namespace truc::simulation
