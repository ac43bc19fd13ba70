#pragma once
#include "stage.hpp"

namespace truc::cli::demo {

/// What happens on an administrator's day, in the order in which it is played.

void morning_round(stage& s);
/// 17:00: where is this document, and why is it not there yet?
void find_a_document(stage& s);
/// A neighbour hangs; others are served, and what is urgent goes first when it comes back.
void wait_for_a_neighbour(stage& s);
void hold_and_release(stage& s);
void recall_documents(stage& s);
void update_the_recipients(stage& s);
void replace_a_document(stage& s);
void expire_and_resend(stage& s);
void close_for_new_documents(stage& s);
/// `place` is a directory that does not exist yet.
void copy_and_look(stage& s, const std::filesystem::path& place);
void read_the_report(stage& s);
void close_the_day(stage& s);

} // namespace truc::cli::demo
