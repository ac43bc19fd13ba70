#pragma once
/// What updates say of documents, for nodes on the way. Beside store.hpp: few ask.

#include <truc/store/store.hpp>

#include <string>
#include <vector>

namespace truc::store {

/// A recipient that an update which was seen here adds to the document.
struct added_recipient {
    std::string code;
    std::string by; ///< the update's sender: whether it may is for the caller to judge
};
std::vector<added_recipient> recipients_added_to(const store& s, const std::string& document_id);

} // namespace truc::store
