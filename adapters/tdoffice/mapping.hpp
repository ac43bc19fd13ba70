#pragma once
/// What TD.Office writes and what edXML (QCVN 102:2016/BTTTT) writes, one into the other: days dd/MM/yyyy, codes with
/// dashes, names for urgency, secrecy and statuses. The same for a database, for SOAP and for whatever comes next;
/// pure functions and values.

#include <truc/base/clock.hpp>
#include <truc/base/result.hpp>
#include <truc/base/settings.hpp>
#include <truc/model/vocabulary.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace truc::tdoffice {

/// A day as somebody wrote it: ok() is false for one that no calendar has. Such days occur in documents.
using calendar_day = std::chrono::year_month_day;

/// `dd/MM/yyyy`, strictly: two digits, two digits, four digits.
std::optional<calendar_day> day_from_legacy(std::string_view text);
/// `yyyy/MM/dd`, or with dashes as some senders have it.
std::optional<calendar_day> day_from_edxml(std::string_view text);
std::string legacy_day(calendar_day day); ///< dd/MM/yyyy
std::string edxml_day(calendar_day day);  ///< yyyy/MM/dd

/// A record's day for edXML; empty stays empty. A time behind the day is left out, as some columns have one. Error:
/// record_invalid (not dd/MM/yyyy, or a day that does not exist; `name` is what the field is called there).
result<std::string> day_to_edxml(std::string_view legacy, std::string_view name);
/// `dd/MM/yyyy HH:mm:ss` (or a day alone: 00:00:00) as `yyyy/MM/dd HH:mm:ss`; empty stays empty. Error: record_invalid.
result<std::string> moment_to_edxml(std::string_view legacy, std::string_view name);
/// The other way nothing is refused: what is not of edXML's form is passed on as it was written.
std::string day_to_legacy(std::string_view edxml);
std::string moment_to_legacy(std::string_view edxml);
std::string legacy_moment(timestamp t); ///< dd/MM/yyyy HH:mm:ss in Vietnam's time

/// 000-00-19-H40 or 000.00.19.h40 as edXML has it: 000.00.19.H40. Error: record_invalid.
result<std::string> dotted_code(std::string_view legacy, std::string_view name);
std::string dashed_code(std::string_view code);

/// What an installation writes where edXML has a code. Every map is part of the configuration; these are the defaults.
struct vocabulary {
    vocabulary();

    /// Reads the keys statuses_out, statuses_in, priorities_out, priorities_in, not_secret and dashed_codes.
    void read(settings& table);

    /// StatusCode (01…06, 13, 15, 16) of what the clerks set. Error: record_invalid.
    result<std::string> status_to_edxml(std::string_view legacy) const;
    /// Error: legacy_refused, when this installation has no word for it.
    result<std::string> status_to_legacy(std::string_view code) const;
    /// An unknown urgency is no reason to hold a document back: it goes as a normal one, as everywhere in the exchange.
    priority priority_to_edxml(std::string_view legacy) const;
    std::string priority_to_legacy(priority p) const;
    std::string code_to_legacy(std::string_view code) const; ///< dashed where the installation has dashes

    /// Whether a record must stay where it is: its level of secrecy is none of those that are known to mean "none", or
    /// its subject begins with a mark. What nobody has explained to us counts as secret. Error: secret_document.
    result<void> may_leave(std::string_view secrecy, std::string_view subject) const;

    std::map<std::string, std::string> statuses_out;   ///< theirs → StatusCode
    std::map<std::string, std::string> statuses_in;    ///< StatusCode → theirs
    std::map<std::string, std::string> priorities_out; ///< theirs → "0" … "4"
    std::map<std::string, std::string> priorities_in;  ///< "0" … "4" → theirs
    std::vector<std::string> not_secret;               ///< levels of secrecy that mean "none"; the first is written
    bool dashed_codes = true;
};

} // namespace truc::tdoffice
