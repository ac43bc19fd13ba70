#pragma once
#include <truc/base/result.hpp>

#include <string>
#include <vector>

namespace truc::test {

/// Bytes on which parsers are known to disagree, or that cost more than they should, and how Truc answers.
struct hostile_document {
    std::string name;
    std::string bytes;
    errc expected;
};

inline std::string utf16(const std::string& ascii, bool little_endian) {
    std::string out = little_endian ? "\xFF\xFE" : "\xFE\xFF";
    for (const char c : ascii) out += little_endian ? std::string{c, '\0'} : std::string{'\0', c};
    return out;
}

inline std::string nested(int levels) {
    std::string open, close;
    for (int i = 0; i < levels; ++i) {
        open += "<a>";
        close += "</a>";
    }
    return open + close;
}

inline std::string entity_bomb() {
    std::string dtd = "<!DOCTYPE b [<!ENTITY e0 \"ha\">";
    for (int i = 1; i < 10; ++i) {
        const std::string below = "&e" + std::to_string(i - 1) + ";";
        dtd += "<!ENTITY e" + std::to_string(i) + " \"";
        for (int k = 0; k < 10; ++k) dtd += below;
        dtd += "\">";
    }
    return dtd + "]><b>&e9;</b>";
}

inline std::string with_attributes(int count) {
    std::string tag = "<a";
    for (int i = 0; i < count; ++i) tag += " b" + std::to_string(i) + "=\"\"";
    return tag + "/>";
}

/// Everything in it is refused by first_pass or by document::parse.
inline const std::vector<hostile_document>& hostile_documents() {
    using namespace std::string_literals;
    static const std::vector<hostile_document> all{
        {"empty", "", errc::not_xml},
        {"white space only", " \n ", errc::not_xml},
        {"text", "hello", errc::not_xml},
        {"byte order mark only", "\xEF\xBB\xBF", errc::not_xml},
        {"XML 1.1 with NEL", "<?xml version=\"1.1\"?><a>\xC2\x85</a>", errc::not_xml},
        {"XML 1.1 with a control character reference", "<?xml version=\"1.1\"?><a>&#1;</a>", errc::not_xml},
        {"XML 1.2", "<?xml version=\"1.2\"?><a/>", errc::not_xml},
        {"declaration without version", "<?xml encoding=\"UTF-8\"?><a/>", errc::not_xml},
        {"declaration with something else", "<?xml version=\"1.0\" mode=\"x\"?><a/>", errc::not_xml},
        {"declaration in the wrong order", "<?xml version=\"1.0\" standalone=\"yes\" encoding=\"UTF-8\"?><a/>",
         errc::not_xml},
        {"standalone maybe", "<?xml version=\"1.0\" standalone=\"maybe\"?><a/>", errc::not_xml},
        {"declaration after white space", " <?xml version=\"1.0\"?><a/>", errc::not_xml},
        {"endless declaration", "<?xml version=\"1.0\"" + std::string(5000, ' ') + "?><a/>", errc::not_xml},
        {"TCVN5712-1", "<?xml version=\"1.0\" encoding=\"TCVN5712-1\"?><a>\xB8</a>", errc::encoding},
        {"ISO-8859-1", "<?xml version=\"1.0\" encoding='iso-8859-1'?><a>\xE9</a>", errc::encoding},
        {"UTF-7", "<?xml version=\"1.0\" encoding=\"UTF-7\"?><a>+ADw-</a>", errc::encoding},
        {"UTF-16 little endian", utf16("<a/>", true), errc::encoding},
        {"UTF-16 big endian", utf16("<a/>", false), errc::encoding},
        {"UTF-16 little endian without mark", utf16("<a/>", true).substr(2), errc::encoding},
        {"UTF-16 big endian without mark", utf16("<a/>", false).substr(2), errc::encoding},
        {"DOCTYPE", "<!DOCTYPE a><a/>", errc::doctype_forbidden},
        {"external entity", "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><a>&x;</a>",
         errc::doctype_forbidden},
        {"external subset", "<?xml version=\"1.0\"?>\n<!DOCTYPE a SYSTEM \"http://127.0.0.1/a.dtd\"><a/>",
         errc::doctype_forbidden},
        {"parameter entity", "<!DOCTYPE a [<!ENTITY % p SYSTEM \"x\">%p;]><a/>", errc::doctype_forbidden},
        {"entity bomb", entity_bomb(), errc::doctype_forbidden},
        {"DOCTYPE after a comment", "<!-- x --><!DOCTYPE a><a/>", errc::doctype_forbidden},
        {"DOCTYPE inside the root", "<a><!DOCTYPE b></a>", errc::doctype_forbidden},
        {"entity declaration inside the root", "<a><!ENTITY b \"c\"></a>", errc::not_xml},
        {"undeclared entity", "<a>&b;</a>", errc::not_xml},
        {"processing instruction", "<a><?php x?></a>", errc::not_xml},
        {"stylesheet", "<?xml-stylesheet href=\"x\"?><a/>", errc::not_xml},
        {"processing instruction behind the root", "<a/><?x y?>", errc::not_xml},
        {"NUL tail", "<a>x</a>\0<b/>"s, errc::not_xml},
        {"NUL in text", "<a>x\0y</a>"s, errc::not_xml},
        {"NUL in a name", "<a\0b/>"s, errc::not_xml},
        {"NUL in an attribute value", "<a b=\"\0\"/>"s, errc::not_xml},
        {"control character", "<a>\x01</a>", errc::not_xml},
        {"control character reference", "<a>&#1;</a>", errc::not_xml},
        {"reference to NUL", "<a>&#0;</a>", errc::not_xml},
        {"overlong slash", "<a>\xC0\xAF</a>", errc::not_xml},
        {"overlong in three bytes", "<a>\xE0\x80\xAF</a>", errc::not_xml},
        {"overlong in four bytes", "<a>\xF0\x80\x80\xAF</a>", errc::not_xml},
        {"surrogate", "<a>\xED\xA0\x80</a>", errc::not_xml},
        {"above U+10FFFF", "<a>\xF4\x90\x80\x80</a>", errc::not_xml},
        {"five bytes", "<a>\xF8\x88\x80\x80\x80</a>", errc::not_xml},
        {"lone continuation", "<a>\x80</a>", errc::not_xml},
        {"cut character", "<a>\xE1\xBA</a>", errc::not_xml},
        {"ends within a character", "<a>\xE1\xBA", errc::not_xml},
        {"U+FFFE", "<a>\xEF\xBF\xBE</a>", errc::not_xml},
        {"U+FFFF", "<a>\xEF\xBF\xBF</a>", errc::not_xml},
        {"CDATA end in text", "<a>]]></a>", errc::not_xml},
        {"CDATA outside the root", "<![CDATA[x]]><a/>", errc::not_xml},
        {"two hyphens in a comment", "<a><!-- x -- y --></a>", errc::not_xml},
        {"comment that ends in three hyphens", "<a><!-- x ---></a>", errc::not_xml},
        {"two attributes of one name", "<a b=\"1\" b=\"2\"/>", errc::not_xml},
        {"two attributes equal by namespace", "<a xmlns:x=\"urn:n\" xmlns:y=\"urn:n\" x:b=\"1\" y:b=\"2\"/>",
         errc::not_xml},
        {"unbound prefix", "<x:a/>", errc::not_xml},
        {"unbound attribute prefix", "<a xlink:href=\"u\"/>", errc::not_xml},
        {"name with two colons", "<a xmlns:b=\"urn:n\"><b:c:d/></a>", errc::not_xml},
        {"relative namespace", "<a xmlns=\"relative/name\"/>", errc::not_xml},
        {"relative namespace of a prefix", "<a xmlns:p=\"../x\"/>", errc::not_xml},
        {"malformed namespace", "<a xmlns:p=\"http://[\"/>", errc::not_xml},
        {"prefix unbound again", "<a xmlns:p=\"urn:n\"><b xmlns:p=\"\"/></a>", errc::not_xml},
        {"malformed xml:id", "<a xml:id=\"1\"/>", errc::not_xml},
        {"two roots", "<a/><b/>", errc::not_xml},
        {"text behind the root", "<a/>x", errc::not_xml},
        {"reference behind the root", "<a/>&#32;", errc::not_xml},
        {"tags that do not match", "<a><b></a></b>", errc::not_xml},
        {"end tag alone", "</a>", errc::not_xml},
        {"open element", "<a><b></b>", errc::not_xml},
        {"open tag", "<a b=\"c\"", errc::not_xml},
        {"open value", "<a b=\"c", errc::not_xml},
        {"open comment", "<a/><!-- ", errc::not_xml},
        {"open CDATA", "<a><![CDATA[ ]]", errc::not_xml},
        {"less-than in a value", "<a b=\"<\"/>", errc::not_xml},
        {"value without quotes", "<a b=c/>", errc::not_xml},
        {"attribute without value", "<a b/>", errc::not_xml},
        {"attributes not apart", "<a b=\"1\"c=\"2\"/>", errc::not_xml},
        {"space before a name", "< a/>", errc::not_xml},
        {"slash inside a tag", "<a / >", errc::not_xml},
        {"65 levels", nested(65), errc::too_deep},
        {"300 levels", nested(300), errc::too_deep},
        {"100 000 levels", nested(100'000), errc::too_deep},
        {"33 attributes", with_attributes(33), errc::too_deep},
        {"long element name", "<" + std::string(129, 'n') + "/>", errc::too_deep},
        {"long attribute name", "<a " + std::string(129, 'n') + "=\"\"/>", errc::too_deep},
        {"long end tag", "<a></" + std::string(129, 'n') + ">", errc::too_deep},
        {"long value", "<a b=\"" + std::string(16 * 1024 + 1, 'v') + "\"/>", errc::too_deep},
    };
    return all;
}

/// What must pass, however odd it looks.
inline const std::vector<std::pair<std::string, std::string>>& odd_but_sound_documents() {
    static const std::vector<std::pair<std::string, std::string>> all{
        {"smallest", "<a/>"},
        {"byte order mark", "\xEF\xBB\xBF<a/>"},
        {"byte order mark and declaration", "\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"utf-8\"?><a/>"},
        {"declaration", "<?xml version='1.0' encoding='Utf-8' standalone='yes' ?>\r\n<a/>"},
        {"white space before the root", "\n\t <a/>\r\n"},
        {"comments around the root", "<!-- x --><a><!-- - > <b> --></a><!----> "},
        {"CDATA", "<a><![CDATA[<b> ]] ]> &c; ]]]></a>"},
        {"quotes within quotes", "<a b='\"' c = \"'>/\"\n/>"},
        {"references", "<a b=\"&lt;&#x10FFFF;\">&amp;&#9;&quot;</a>"},
        {"Vietnamese", "<văn_bản số=\"Đ\">Sở Thông tin và Truyền thông \xF0\x9F\x98\x80</văn_bản >"},
        {"64 levels", nested(64)},
        {"32 attributes", with_attributes(32)},
        {"long name", "<" + std::string(128, 'n') + "/>"},
        {"long value", "<a b=\"" + std::string(16 * 1024, 'v') + "\"/>"},
        {"DEL and C1 controls", "<a>\x7F\xC2\x85</a>"},
        {"greater-than in text", "<a>a > b ]] ></a>"},
        {"default namespace undone", "<a xmlns=\"urn:n\"><b xmlns=\"\"/></a>"},
    };
    return all;
}

} // namespace truc::test
