// The anchor of a home: a counter and a clock of the machine's TPM, which nobody can set back with
// the home's files. With the setting `anchor`, a home that was copied back from an older time is
// found out when it is next held, and its data is locked until the platform has been heard; and the
// time that the machine was on counts, whatever the copy says. docs/THREATS.md says what remains.
#pragma once

#include "agent/office/office.hpp"

namespace rootlet::agent {

// For the process that has just locked the home, before it opens anything in it. Makes the anchor
// of a home that has none; kUsage if the setting `anchor` names no TPM that answers then. Later a
// TPM that does not answer locks the data and is no error.
Status hold_anchor(const AgentContext& context);

// At the end of a cycle: counts the orders that came since the last call. After a contact
// (`is_heard`) it lifts the lock, with a new counter if the old one is gone.
Status keep_anchor(Office& office, bool is_heard);

}  // namespace rootlet::agent
