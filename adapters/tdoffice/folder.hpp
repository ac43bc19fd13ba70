#pragma once
/// TD.Office by a hot folder: two directories that the legacy system and the adapter share, on a disk or on a network
/// share (SMB, NFS). Every file is an edXML document or status; which of the two its content says.
///
/// outbox, what the legacy system wants to send:
/// - `X.edxml` comes by rename from another name or directory: it is taken at once. Where the other side cannot rename,
///   it is taken when size and times have not changed for `settle_seconds` and the text ends as edXML ends; a file that
///   ends otherwise is taken as it stands, and refused, after `unfinished_seconds` without a change. Names that begin
///   with a dot and other endings are nobody's business; `.EDXML` is `.edxml`.
/// - Sent: `X.done` appears (Truc's id, when, later a line for each recipient), then `X.edxml` moves to `sent/`. A
///   document of the same name with other content is another document: the older `X.done` moves to `sent/`, too.
/// - It cannot be sent: `X.err` appears (Vietnamese: which document, what is wrong where, what to do). `X.edxml` stays,
///   and is tried anew when it changes or `X.err` is deleted.
/// - Refused without a look: symbolic links and whatever is no file, names that no share can hold, what is too large.
///   Of `X.edxml` and `x.EDXML` the one that was there first is sent, and the other waits behind an error file of its
///   own (`x.EDXML.err`).
///
/// inbox, what the exchange delivers: `<yyyymmdd>-<number>-<delivery id>.edxml`, complete as soon as it has that name.
/// The legacy system may leave it, rename it, delete it, or move it to `read/`: a file is never delivered twice, which
/// the adapter finds out by what it keeps in `inbox/.truc`. With `unpack_attachments` a directory of the same name
/// holds the attachments before the document appears; their names are made harmless.
///
/// Shares: inotify tells nothing about what others write, so that the directory is looked at every `scan_seconds`.
/// Neither directory is ever made by the adapter: on a share that is not mounted it would be made beside the share.
/// They should therefore lie below the mount point. A directory or share that is away, and a full disk, only delay.
/// A file that the other side holds open on a Windows share can be neither moved nor replaced: it is tried again.

#include "runtime/adapter_context.hpp"
#include "runtime/legacy_system.hpp"

#include <truc/base/settings.hpp>

namespace truc::tdoffice {

/// [folder]: outbox, inbox (both mandatory), scan_seconds, settle_seconds, unfinished_seconds, unpack_attachments.
/// Faults are remembered in `s`. Touches no file.
adapter::legacy_system make_folder(settings s, const adapter::adapter_context& context);

} // namespace truc::tdoffice
