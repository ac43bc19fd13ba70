#pragma once
#include "answers.hpp"

#include <map>
#include <set>

namespace truc::api {

/// Which deliveries in this node's custody a neighbour may have taken already: it was offered something and has not
/// answered, or the answer to an earlier offer was lost. Who holds or ends one of these has to know that it may go on
/// elsewhere. On the safe side: what merely waits behind an offer counts too. As it stands at construction.
class doubt {
  public:
    explicit doubt(const services& s);

    bool concerns(const store::delivery_row& v);

  private:
    const std::string& next_hop(const std::string& recipient);

    const services& s_;
    std::shared_ptr<const directory::directory> directory_;
    std::set<std::string> asked_; ///< neighbours that have not answered yet
    std::map<std::string, std::string> next_hops_;
};

} // namespace truc::api
