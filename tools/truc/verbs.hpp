#pragma once
/// The verbs. Each does its work, shows it through the context and says how the program ends; what a node refused, or
/// what could not be tried, is a failure.

#include "context.hpp"

namespace truc::cli {

// --- an agency's side ---------------------------------------------------------------------------------------------

struct sign_options {
    std::filesystem::path file;
    std::filesystem::path output; ///< empty: standard output
};
outcome<exit_code> sign(const context& c, const sign_options& o);

struct send_options {
    std::vector<std::filesystem::path> files;
    std::filesystem::path receipts; ///< directory; empty: not kept
};
outcome<exit_code> send(const context& c, const send_options& o);

struct check_options {
    std::filesystem::path file;
};
outcome<exit_code> check(const context& c, const check_options& o);

struct receive_options {
    unsigned max = 100;
    unsigned wait = 0; ///< seconds
    std::string kind;
    std::filesystem::path dir; ///< empty: list only
    bool acknowledge = false;
};
outcome<exit_code> receive(const context& c, const receive_options& o);

struct status_options {
    std::string delivery;
    std::string code;
    std::string reason;
    bool is_unsigned = false;
    std::filesystem::path output; ///< write it there instead of sending it
};
outcome<exit_code> status(const context& c, const status_options& o);

// --- evidence -----------------------------------------------------------------------------------------------------

/// A document or delivery: by an ID, or by what else is known of it.
struct find_options {
    std::string id;
    std::string from;           ///< code
    std::string recipient = {}; ///< code
    std::string since = {};     ///< of acceptance at the node that is asked, as moment_of() reads it
    std::string until = {};
};
outcome<exit_code> trace(const context& c, const find_options& o);
outcome<exit_code> why(const context& c, const find_options& o);

struct receipts_options : find_options {
    std::filesystem::path dir; ///< empty: list only
};
outcome<exit_code> receipts(const context& c, const receipts_options& o);

struct verify_options {
    std::vector<std::filesystem::path> files;
    std::filesystem::path agency_authority;
};
outcome<exit_code> verify(const context& c, const verify_options& o);

// --- administrators -----------------------------------------------------------------------------------------------

struct no_options {};
struct queue_options {
    bool held = false;
    bool all = false; ///< one by one, whatever the state
    std::string recipient, sender;
    std::string state;
    std::string since, until; ///< as moment_of() reads them
    unsigned max = 100;
};
/// Counted by recipient and state; any option but `max` asks for deliveries one by one.
outcome<exit_code> queue(const context& c, const queue_options& o);
outcome<exit_code> shape(const context& c, const no_options& o);

/// Deliveries of this node: IDs, or all to a neighbour, or all of a recipient.
struct action_options {
    std::vector<std::string> ids;
    std::string from; ///< with ids
    std::string to;   ///< node
    std::string recipient;
    std::string reason;
    bool legal = false; ///< about content and its retention; ids only
};
outcome<exit_code> hold(const context& c, const action_options& o);
outcome<exit_code> release(const context& c, const action_options& o);
outcome<exit_code> expire(const context& c, const action_options& o);

struct resend_options : find_options {
    std::string reason;
};
outcome<exit_code> resend(const context& c, const resend_options& o);

struct retry_options : find_options {
    bool all = false;
    std::string to; ///< node
};
outcome<exit_code> retry(const context& c, const retry_options& o);

struct node_options {
    std::string name;
};
outcome<exit_code> node_list(const context& c, const no_options& o);
outcome<exit_code> node_ping(const context& c, const node_options& o);

struct books_options {
    std::string by;
    std::string day;
};
outcome<exit_code> books(const context& c, const books_options& o);

struct report_options {
    std::string day;
    std::string agency;
};
outcome<exit_code> report(const context& c, const report_options& o);
outcome<exit_code> certs(const context& c, const no_options& o);

struct doctor_options {
    bool deep = false; ///< all of what grows with the store
};
outcome<exit_code> doctor(const context& c, const doctor_options& o);

struct mode_options {
    std::string mode; ///< read-only, normal; empty: only tells
    std::string reason;
};
outcome<exit_code> mode(const context& c, const mode_options& o);

struct backup_options {
    std::filesystem::path to;
};
outcome<exit_code> backup(const context& c, const backup_options& o);

struct restore_options {
    std::filesystem::path from;
    std::filesystem::path to;
};
/// Without any node.
outcome<exit_code> restore(const context& c, const restore_options& o);

struct agency_options {
    std::string text; ///< query or code
    std::string successor;
    std::filesystem::path file;
};
outcome<exit_code> agency_list(const context& c, const agency_options& o);
outcome<exit_code> agency_show(const context& c, const agency_options& o);
outcome<exit_code> agency_import(const context& c, const agency_options& o);
outcome<exit_code> agency_close(const context& c, const agency_options& o);

struct proposal_options {
    std::string number;
    bool all = false; ///< the decided ones as well
};
outcome<exit_code> agency_proposals(const context& c, const proposal_options& o);
outcome<exit_code> agency_confirm(const context& c, const proposal_options& o);
outcome<exit_code> agency_decline(const context& c, const proposal_options& o);

struct client_options {
    std::string id;
};
outcome<exit_code> client_list(const context& c, const client_options& o);
outcome<exit_code> client_show(const context& c, const client_options& o);
outcome<exit_code> client_disable(const context& c, const client_options& o);
outcome<exit_code> client_enable(const context& c, const client_options& o);

struct client_add_options : client_options {
    std::vector<std::string> agencies;  ///< codes
    std::vector<std::string> entrances; ///< none: those that what it gets is for
    std::vector<std::filesystem::path> certificates;
    bool password = false;
    bool secret = false;
    bool gateway = false; ///< it speaks for agencies outside the exchange, too
};
outcome<exit_code> client_add(const context& c, const client_add_options& o);

/// One of certificate, password, secret.
struct client_rotate_options : client_options {
    std::filesystem::path certificate;
    bool password = false;
    bool secret = false;
    unsigned keep_old = 24; ///< hours
};
outcome<exit_code> client_rotate(const context& c, const client_rotate_options& o);

struct client_drop_options : client_options {
    std::string certificate; ///< SHA-256, or a file
};
outcome<exit_code> client_drop(const context& c, const client_drop_options& o);

struct adapter_options {
    std::string name;
    std::filesystem::path run_dir; ///< where adapters have their sockets; empty: the usual one, or the network file
    bool quarantined = false;
};
outcome<exit_code> adapter_list(const context& c, const adapter_options& o);
outcome<exit_code> adapter_status(const context& c, const adapter_options& o);

struct adapter_retry_options : adapter_options {
    std::string key; ///< or a delivery id
    bool all = false;
};
outcome<exit_code> adapter_retry(const context& c, const adapter_retry_options& o);

outcome<exit_code> ledger_check(const context& c, const no_options& o);
outcome<exit_code> ledger_head(const context& c, const no_options& o);

// --- demonstration ------------------------------------------------------------------------------------------------

struct demo_options {
    std::filesystem::path dir;
    unsigned base_port = 0;     ///< 0: the usual ports
    bool one_node = false;      ///< all agencies on one node
    bool adapters = true;       ///< also runs the adapters and what stands in for legacy systems
    bool administrator = false; ///< the story of an administrator's day
};
outcome<exit_code> demo_init(const context& c, const demo_options& o);
outcome<exit_code> demo_up(const context& c, const demo_options& o);
outcome<exit_code> demo_story(const context& c, const demo_options& o);

} // namespace truc::cli
