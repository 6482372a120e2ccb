// A realm and its intake, opened for one thread. The registry provides the offices and forms.
#pragma once

#include <memory>

#include "platform/intake/intake.hpp"
#include "platform/realm/realm.hpp"

namespace rootlet::platform {

class IntakeSession final : public OfficeDirectory, public FormDirectory {
 public:
  static Result<std::unique_ptr<IntakeSession>> open(const fs::path& folder,
                                                     SigningClock clock = {},
                                                     const IntakeLimits& limits = {});
  IntakeSession(const IntakeSession&) = delete;
  IntakeSession& operator=(const IntakeSession&) = delete;

  Realm& realm() { return realm_; }
  Intake& intake() { return *intake_; }
  Result<ValidationReport> validate(UnixTime now) {
    return intake_->validate_pending(*this, *this, now);
  }

  Result<std::optional<OfficeKeys>> find_office(const std::string& office) override;
  Result<std::vector<PublicKey>> former_keys(const std::string& office) override;
  Result<std::optional<FormDefinition>> find_form(const std::string& form, int version) override;

 private:
  explicit IntakeSession(Realm realm) : realm_(std::move(realm)) {}
  Realm realm_;
  SigningKey statement_key_;
  SealingKey ingest_key_;
  std::optional<Intake> intake_;
};

}  // namespace rootlet::platform
