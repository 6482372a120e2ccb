// The intake, opened for one thread from the home that it works in.
//
// GateSession is the gateway's: it opens the serving home alone, takes batches in and hands mail
// out. IntakeSession validates and judges: it opens the intake home, and of the serving home the
// inbox. Offices and forms are those that the publishing home handed over to each.
#pragma once

#include <memory>
#include <set>
#include <vector>

#include "platform/homes/intake_home.hpp"
#include "platform/homes/serving_home.hpp"
#include "platform/intake/intake.hpp"

namespace rootlet::platform {

class GateSession final : public OfficeDirectory {
 public:
  static Result<std::unique_ptr<GateSession>> open(const ServingFolder& folder,
                                                   const IntakeLimits& limits = {});
  GateSession(const GateSession&) = delete;
  GateSession& operator=(const GateSession&) = delete;

  ServingHome& home() { return home_; }
  Intake& intake() { return *intake_; }
  // Whether it signs with the key of now.
  Result<bool> is_current();

  // Without a sealing key: the gateway seals nothing.
  Result<std::optional<OfficeKeys>> find_office(const std::string& office) override;
  Result<std::vector<PublicKey>> former_keys(const std::string& office) override;

 private:
  explicit GateSession(ServingHome home) : home_(std::move(home)) {}
  ServingHome home_;
  SigningKey receipt_key_;
  std::optional<Intake> intake_;
};

class IntakeSession final : public OfficeDirectory, public FormDirectory {
 public:
  static Result<std::unique_ptr<IntakeSession>> open(const IntakeFolder& intake,
                                                     const ServingFolder& serving);
  IntakeSession(const IntakeSession&) = delete;
  IntakeSession& operator=(const IntakeSession&) = delete;

  Intake& intake() { return *intake_; }
  Result<ValidationReport> validate(UnixTime now) {
    return intake_->validate_pending(*this, *this, now);
  }

  Result<std::optional<OfficeKeys>> find_office(const std::string& office) override;
  Result<std::vector<PublicKey>> former_keys(const std::string& office) override;
  Result<std::optional<FormDefinition>> find_form(const std::string& form, int version) override;
  Result<bool> has_published(const SeenDirectory& seen) override;

 private:
  explicit IntakeSession(IntakeHome home) : home_(std::move(home)) {}
  IntakeHome home_;
  SymmetricKey inbox_key_;
  SigningKey judgement_key_;
  std::vector<SealingKey> ingest_keys_;
  std::set<std::pair<std::int64_t, Hash256>> published_;  // as far as asked
  std::optional<Intake> intake_;
};

}  // namespace rootlet::platform
