#pragma once
#include "directory_watch.hpp"
#include "folder_notes.hpp"
#include "folder_scan.hpp"
#include "runtime/legacy_system.hpp"

namespace truc::tdoffice {

/// The outbox directory; folder.hpp says what is agreed about it.
class folder_outbox : public adapter::legacy_outbox {
  public:
    folder_outbox(folder_options o, const clock& c);

    result<std::vector<adapter::waiting_item>> list(std::size_t max) override;
    result<std::string> load(const std::string& key) override;
    result<void> report(const adapter::outgoing_report& r) override;
    void wait(std::chrono::milliseconds at_most) override;
    void interrupt() override { watch_.interrupt(); }

  private:
    result<void> accepted(const adapter::outgoing_report& r);
    result<void> refused(const adapter::outgoing_report& r);
    result<void> note_recipient(const adapter::outgoing_report& r);
    bool was_sent(const std::string& name, const adapter::outgoing_report& r) const;
    result<void> write_done(const std::string& name, const adapter::outgoing_report& r);
    result<void> move_to_sent(const std::string& name, const adapter::outgoing_report& r);
    result<void> move_back(const std::filesystem::path& moved, const std::string& name, const std::string& dispatch);
    document_name describe_file(const std::string& name) const;
    bool is_there(const std::string& name, const std::string& key) const;
    std::filesystem::path done_of(const std::string& name) const;
    std::filesystem::path sent(const std::string& name) const { return o_.outbox / "sent" / name; }

    folder_options o_;
    folder_scan scan_;
    directory_watch watch_;
};

} // namespace truc::tdoffice
