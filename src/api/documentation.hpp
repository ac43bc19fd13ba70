#pragma once
#include "answers.hpp"

namespace truc::api {

/// The pages that anybody may read, with or without a certificate: /docs, made of schemas/openapi.yaml and
/// schemas/errors.json at build time, and /v1/openapi.yaml, that file. nullopt: another path.
std::optional<http::response> documentation(const http::request_head& head, const truc::clock& clock);

} // namespace truc::api
