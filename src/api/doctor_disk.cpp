// What the doctor says of disks.
#include "doctor_judgement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace truc::api {

namespace {

using std::chrono::microseconds;
using namespace std::chrono_literals;

/// A flush has to leave the processor: below this nothing was flushed at all.
constexpr microseconds impossible = 10us;
/// Only drives that keep their cache through a power cut are as fast.
constexpr microseconds suspicious = 60us;
/// A group commit waits for two of them.
constexpr microseconds slow = 50ms;

/// Warned of from this many times of what is kept free.
constexpr std::uint64_t narrow = 4;

bool is_one_of(std::string_view type, std::initializer_list<std::string_view> types) {
    return std::find(types.begin(), types.end(), type) != types.end();
}

bool has_option(std::string_view options, std::string_view wanted) {
    while (!options.empty()) {
        const auto end = options.find(',');
        if (options.substr(0, end) == wanted) return true;
        options = end == std::string_view::npos ? std::string_view() : options.substr(end + 1);
    }
    return false;
}

std::string size_text(std::uint64_t bytes) {
    return bytes >= (std::uint64_t{10} << 30) ? fmt::format("{} GiB", bytes >> 30) : fmt::format("{} MiB", bytes >> 20);
}

} // namespace

finding judge_syncs(const std::vector<microseconds>& took) {
    finding f{"sync", health::ok, {}, {}};
    const auto median = took[took.size() / 2];
    f.found = {fmt::format("A synced write of 4 KiB takes {} µs (median of {}).", median.count(), took.size()),
               fmt::format("Ghi và đồng bộ 4 KiB mất {} µs (trung vị của {} lần).", median.count(), took.size())};
    if (median < impossible) {
        f.state = health::bad;
        f.advice = {
            "Nothing can be on a disk so soon: something below answers before it has written (RAM disk, a virtual "
            "disk with an unsafe cache, a controller without battery). A power cut will lose accepted documents: "
            "move data_dir, or turn that cache off.",
            "Không đĩa nào ghi xong nhanh như vậy: lớp dưới báo xong trước khi ghi (đĩa RAM, đĩa ảo dùng cache "
            "không an toàn, bộ điều khiển không có pin). Mất điện sẽ mất văn bản đã nhận: chuyển data_dir hoặc "
            "tắt cache đó."};
    } else if (median < suspicious) {
        f.state = health::warn;
        f.advice = {
            "Only drives that protect their cache from a power cut are as fast. Make sure that this is one, and "
            "that no virtual disk above it answers early.",
            "Chỉ ổ có bảo vệ cache khi mất điện mới nhanh như vậy. Hãy kiểm tra ổ thuộc loại này và lớp đĩa ảo "
            "không báo xong sớm."};
    } else if (median > slow) {
        f.state = health::warn;
        f.advice = {"Each group of documents waits for such writes: use a faster disk, or see who else writes to it.",
                    "Mỗi nhóm văn bản phải chờ các lần ghi này: dùng đĩa nhanh hơn, hoặc xem tiến trình nào đang ghi."};
    }
    return f;
}

finding judge_file_system(const std::optional<mounted_file_system>& on) {
    finding f{"file_system", health::ok, {}, {}};
    if (!on) {
        f.state = health::warn;
        f.found = {"The system does not tell on which file system data_dir lies.",
                   "Hệ thống không cho biết data_dir nằm trên hệ thống tệp nào."};
        f.advice = {"Look yourself: df -T.", "Hãy tự kiểm tra: df -T."};
        return f;
    }
    f.found = {fmt::format("data_dir lies on {} mounted at {} ({}).", on->type, on->mounted_at, on->options),
               fmt::format("data_dir nằm trên {} gắn tại {} ({}).", on->type, on->mounted_at, on->options)};
    if (is_one_of(on->type, {"tmpfs", "ramfs"})) {
        f.state = health::bad;
        f.advice = {"That is memory: a restart loses everything. Move data_dir to a disk.",
                    "Đó là bộ nhớ: khởi động lại là mất hết. Chuyển data_dir sang đĩa."};
    } else if (is_one_of(on->type, {"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "fuse.glusterfs"})) {
        f.state = health::bad;
        f.advice = {
            "The database must not lie on a network share: its locks and its shared memory do not hold there. Move "
            "data_dir to a local disk.",
            "Cơ sở dữ liệu không được nằm trên ổ mạng: khóa và bộ nhớ chung không bảo đảm. Chuyển data_dir về "
            "đĩa cục bộ."};
    } else if (has_option(on->options, "nobarrier") || has_option(on->options, "barrier=0")) {
        f.state = health::bad;
        f.advice = {"Without barriers a sync reaches no disk: mount without nobarrier.",
                    "Không có barrier thì đồng bộ không tới đĩa: gắn lại, bỏ nobarrier."};
    } else if (has_option(on->options, "ro")) {
        f.state = health::bad;
        f.advice = {"It is mounted read-only, perhaps after an error: read the kernel's log, check it, mount it anew.",
                    "Đang gắn chỉ đọc, có thể sau lỗi đĩa: xem nhật ký nhân, kiểm tra rồi gắn lại."};
    } else if (is_one_of(on->type, {"overlay", "aufs"})) {
        f.state = health::warn;
        f.advice = {"That is the layer of a container and goes with it: mount a volume at data_dir.",
                    "Đó là lớp của container, mất cùng container: gắn một volume vào data_dir."};
    }
    return f;
}

finding judge_space(const space& s) {
    finding f{"space", health::ok, {}, {}};
    f.found = {fmt::format("{} of {} are free; below {} no new documents are taken.", size_text(s.free),
                           size_text(s.capacity), size_text(s.kept)),
               fmt::format("Còn trống {} trên {}; dưới {} thì ngừng nhận văn bản mới.", size_text(s.free),
                           size_text(s.capacity), size_text(s.kept))};
    if (!s.accepts || s.free <= s.kept) {
        f.state = health::bad;
        f.advice = {"New documents are refused (no_space); what is here is still delivered. Make room, or shorten "
                    "[retention] content_days.",
                    "Văn bản mới bị từ chối (no_space); văn bản đang giữ vẫn được giao. Hãy giải phóng chỗ, hoặc giảm "
                    "[retention] content_days."};
    } else if (s.free < narrow * s.kept) {
        f.state = health::warn;
        f.advice = {"Make room before new documents are refused.",
                    "Hãy giải phóng chỗ trước khi văn bản mới bị từ chối."};
    }
    return f;
}

} // namespace truc::api
