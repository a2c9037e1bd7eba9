package audit

import (
	"slices"
)

// Action names an act, for programs and filters. A new one goes to the constants and to the catalogue below.
type Action string

// What people do with accounts. The object is the user, of a session the session's user.
const (
	SignedIn        Action = "SIGNED_IN"
	SignInFailed    Action = "SIGN_IN_FAILED"   // without an object where nobody has the login
	SignInRefused   Action = "SIGN_IN_REFUSED"  // after too many that failed; the first while a limit is closed, details name it
	SignedOut       Action = "SIGNED_OUT"       // of one session
	SessionsEnded   Action = "SESSIONS_ENDED"   // of several sessions at once
	SessionRevoked  Action = "SESSION_REVOKED"  // by its user or an administrator; details name it
	RefreshReused   Action = "REFRESH_REUSED"   // a refresh token came twice, and its session ended
	UserCreated     Action = "USER_CREATED"     // by an administrator or from the shell
	FirstAdminMade  Action = "FIRST_ADMIN"      // of an empty base
	UserUpdated     Action = "USER_UPDATED"     // details name the fields
	UserDisabled    Action = "USER_DISABLED"    // sessions end with it
	UserEnabled     Action = "USER_ENABLED"     // may sign in again
	PasswordReset   Action = "PASSWORD_RESET"   // by an administrator, or from the shell
	PasswordChanged Action = "PASSWORD_CHANGED" // by its owner; FAILED where the present one was wrong
	AvatarSet       Action = "AVATAR_SET"       // of a user
	AvatarRemoved   Action = "AVATAR_REMOVED"   // of a user
	AccessRefused   Action = "ACCESS_REFUSED"   // to somebody who is known; details name the field or the path
)

// What people do with the second factor of an account. The object is the user.
const (
	SecondFactorBegun   Action = "SECOND_FACTOR_BEGUN"    // a secret was shown; FAILED where the password or the code was wrong
	SecondFactorEnabled Action = "SECOND_FACTOR_ENABLED"  // by its first code; FAILED where that was wrong
	SecondFactorRemoved Action = "SECOND_FACTOR_REMOVED"  // by its owner; FAILED where the password or the code was wrong
	SecondFactorReset   Action = "SECOND_FACTOR_RESET"    // by an administrator, or from the shell
	RecoveryCodeUsed    Action = "RECOVERY_CODE_USED"     // in the place of six digits
	RecoveryCodesNew    Action = "RECOVERY_CODES_RENEWED" // FAILED where the code was wrong
)

// What administrators do with distributors and our own company.
const (
	DistributorCreated   Action = "DISTRIBUTOR_CREATED"
	DistributorUpdated   Action = "DISTRIBUTOR_UPDATED" // details name the fields
	DistributorSuspended Action = "DISTRIBUTOR_SUSPENDED"
	DistributorActivated Action = "DISTRIBUTOR_ACTIVATED"
	TermsSet             Action = "TERMS_SET" // of a distributor
	AbsenceAdded         Action = "ABSENCE_ADDED"
	AbsenceRemoved       Action = "ABSENCE_REMOVED"
	LogoSet              Action = "LOGO_SET" // of a distributor
	LogoRemoved          Action = "LOGO_REMOVED"
	CompanyUpdated       Action = "COMPANY_UPDATED" // details name the fields
)

// What happens to leads. Details name the distributor where the lead went to one.
const (
	LeadReceived     Action = "LEAD_RECEIVED" // the reason is its outcome
	LeadRead         Action = "LEAD_READ"     // its card; REFUSED where there is none for the viewer
	LeadTaken        Action = "LEAD_TAKEN"
	LeadDeclined     Action = "LEAD_DECLINED"
	LeadHandedOn     Action = "LEAD_HANDED_ON" // to a distributor, or to nobody
	LeadReassigned   Action = "LEAD_REASSIGNED"
	LeadRejected     Action = "LEAD_REJECTED"
	LeadReopened     Action = "LEAD_REOPENED"
	LeadReleased     Action = "LEAD_RELEASED"
	LeadNoted        Action = "LEAD_NOTED"
	SaleRegistered   Action = "SALE_REGISTERED"
	SaleReversed     Action = "SALE_REVERSED"
	SourceCreated    Action = "SOURCE_CREATED"
	SourceUpdated    Action = "SOURCE_UPDATED" // details name the fields
	SourceStopped    Action = "SOURCE_STOPPED"
	SourceResumed    Action = "SOURCE_RESUMED"
	SourceKeyRotated Action = "SOURCE_KEY_ROTATED"
	Blacklisted      Action = "BLACKLIST_ADDED"   // details name the kind
	Unblacklisted    Action = "BLACKLIST_REMOVED" // details name the kind
	PurposeCreated   Action = "PROCESSING_PURPOSE_CREATED"
	PurposeUpdated   Action = "PROCESSING_PURPOSE_UPDATED" // details name the fields
	TextPublished    Action = "CONSENT_TEXT_PUBLISHED"     // a version; the object is its purpose
	ConsentRecorded  Action = "CONSENT_RECORDED"           // by an administrator; the object is the lead
	ConsentWithdrawn Action = "CONSENT_WITHDRAWN"          // the object is the lead
	KeysRotated      Action = "KEYS_ROTATED"               // a pass of the rotation; details say how many values and under which key
	KeyRetired       Action = "KEY_RETIRED"                // details name the key
	RawBodiesDropped Action = "RAW_BODIES_DROPPED"         // of the intake log, past their term; details say how many
)

// What administrators do with goals and periods, and with what distributors are owed.
const (
	GoalsSet            Action = "GOALS_SET"         // the object is the distributor; details say how many
	GoalsCopied         Action = "GOALS_COPIED"      // from another period; the object is the distributor
	GoalsRolledOver     Action = "GOALS_ROLLED_OVER" // into a new month, by the system; the object is the distributor
	GoalRemoved         Action = "GOAL_REMOVED"      // the object is the goal
	PeriodClosed        Action = "PERIOD_CLOSED"     // details name the period
	PeriodReopened      Action = "PERIOD_REOPENED"   // details name the period
	StatementDrawnUp    Action = "STATEMENT_DRAWN_UP"
	StatementDiscarded  Action = "STATEMENT_DISCARDED" // a draft
	StatementApproved   Action = "STATEMENT_APPROVED"
	StatementMarkedPaid Action = "STATEMENT_PAID"
)

// What administrators tell people.
const MessageSent Action = "MESSAGE_SENT" // details say to how many

// What administrators do with the queue of jobs. Details name the kind and the number of the job, or the regular work.
const (
	JobRetried   Action = "JOB_RETRIED"
	JobCancelled Action = "JOB_CANCELLED"
	JobStarted   Action = "JOB_STARTED" // a turn of regular work
)

// What is done with the audit itself.
const (
	AuditVerified Action = "AUDIT_VERIFIED" // FAILED where the chain is broken
	AuditExported Action = "AUDIT_EXPORTED" // details say from when to when
	AuditDropped  Action = "AUDIT_DROPPED"  // records past their term; details say up to which place, and how many
)

var catalogue = []Action{
	SignedIn, SignInFailed, SignInRefused, SignedOut, SessionsEnded, SessionRevoked, RefreshReused, UserCreated, FirstAdminMade, UserUpdated, UserDisabled,
	UserEnabled, PasswordReset, PasswordChanged, AvatarSet, AvatarRemoved, AccessRefused,
	SecondFactorBegun, SecondFactorEnabled, SecondFactorRemoved, SecondFactorReset, RecoveryCodeUsed, RecoveryCodesNew,
	DistributorCreated, DistributorUpdated, DistributorSuspended, DistributorActivated, TermsSet, AbsenceAdded,
	AbsenceRemoved, LogoSet, LogoRemoved, CompanyUpdated,
	LeadReceived, LeadRead, LeadTaken, LeadDeclined, LeadHandedOn, LeadReassigned, LeadRejected, LeadReopened, LeadReleased,
	LeadNoted, SaleRegistered, SaleReversed, SourceCreated, SourceUpdated, SourceStopped, SourceResumed, SourceKeyRotated,
	Blacklisted, Unblacklisted, RawBodiesDropped,
	PurposeCreated, PurposeUpdated, TextPublished, ConsentRecorded, ConsentWithdrawn, KeysRotated, KeyRetired,
	GoalsSet, GoalsCopied, GoalsRolledOver, GoalRemoved, PeriodClosed, PeriodReopened,
	StatementDrawnUp, StatementDiscarded, StatementApproved, StatementMarkedPaid,
	MessageSent,
	JobRetried, JobCancelled, JobStarted,
	AuditVerified, AuditExported, AuditDropped,
}

// Known tells whether an action is one of the catalogue.
func Known(a Action) bool { return slices.Contains(catalogue, a) }
