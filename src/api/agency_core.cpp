#include "agency_core.hpp"

namespace truc::api {

result<intake::channel> agency_login::channel(const agency_core& core) const {
    intake::channel c;
    c.entrance = entrance::amqp;
    c.directory = core.use.intake.current_directory();
    const auto book = core.guard.book();
    if (certificate)
        c.client = c.directory->find_client_by_certificate(*certificate);
    else if (book && !book->passwords_of(client, core.use.clock.now()).empty())
        c.client = c.directory->find_client(client);
    if (!c.client || c.client->id != client) return fail(errc::credentials, "client " + client + " is known no longer");
    if (auto open = check_entrance(*c.client, c.entrance); !open) return fail(open.error());
    return c;
}

} // namespace truc::api
