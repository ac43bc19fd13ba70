#pragma once
#include "doctor_judgement.hpp"

namespace truc::api {

finding examine_database(const examined& e);
finding examine_ledger(const examined& e);
finding examine_contents(const examined& e);
finding examine_held(const examined& e);
finding examine_restored(const examined& e);

} // namespace truc::api
