#include "agency_core.hpp"

namespace truc::api {

result<intake::channel> agency_login::channel(const agency_core& core) const {
    intake::channel c;
    c.entrance = entrance;
    c.directory = core.use.intake.current_directory();
    if (certificate)
        c.client = c.directory->find_client_by_certificate(*certificate);
    else if (has_good_password(core))
        c.client = c.directory->find_client(client);
    if (!c.client || c.client->id != client) return fail(errc::credentials, "client " + client + " is known no longer");
    if (auto open = check_entrance(*c.client, c.entrance); !open) return fail(open.error());
    return c;
}

bool agency_login::has_good_password(const agency_core& core) const {
    const auto book = core.guard.book();
    if (!book) return false;
    const auto good = book->passwords_of(client, core.use.clock.now());
    const auto is_good = [&good](const std::string& salt) {
        return std::any_of(good.begin(), good.end(), [&](const auto* p) { return p->salt() == salt; });
    };
    return !passwords.empty() && std::all_of(passwords.begin(), passwords.end(), is_good);
}

} // namespace truc::api
