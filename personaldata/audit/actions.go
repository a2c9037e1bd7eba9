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

// What administrators do with how messages leave the house.
const (
	ProcessorUpdated Action = "PROCESSOR_UPDATED"        // details name the channel and the fields
	TemplateSet      Action = "MESSAGE_TEMPLATE_SET"     // details name the kind, the channel, the distributor and the fields
	TemplateRemoved  Action = "MESSAGE_TEMPLATE_REMOVED" // likewise
	TestMessageSent  Action = "TEST_MESSAGE_SENT"        // to the administrator's own address; details name the channel and the template
)

// What administrators do with webhooks. The object is the webhook, or its event.
const (
	WebhookCreated        Action = "WEBHOOK_CREATED"        // details name the host
	WebhookUpdated        Action = "WEBHOOK_UPDATED"        // details name the fields
	WebhookSecretRotated  Action = "WEBHOOK_SECRET_ROTATED" // #nosec G101 -- the name of an act
	WebhookResumed        Action = "WEBHOOK_RESUMED"        // after it was stopped
	WebhookRemoved        Action = "WEBHOOK_REMOVED"        // details name the host
	WebhookTested         Action = "WEBHOOK_TESTED"         // details name kind and host, and say whether it was sent
	WebhookEventRepeated  Action = "WEBHOOK_EVENT_REPEATED"
	WebhookEventCancelled Action = "WEBHOOK_EVENT_CANCELLED"
)

// What administrators do with messages that leave the house. Details name the channel.
const (
	DeliveryRetried    Action = "DELIVERY_RETRIED"
	DeliverySettled    Action = "DELIVERY_SETTLED" // of which nobody knew whether it went
	DeliveryCancelled  Action = "DELIVERY_CANCELLED"
	ChannelRetried     Action = "CHANNEL_RETRIED" // a stopped one, before its time
	SuppressionRemoved Action = "SUPPRESSION_REMOVED"
)

// What is done with reports. Details name the kind, and of a requested one the format and the schedule.
const (
	ReportRequested Action = "REPORT_REQUESTED"
	ReportCancelled Action = "REPORT_CANCELLED"
	ReportFetched   Action = "REPORT_FETCHED" // its file; by a signed link too
	ScheduleCreated Action = "REPORT_SCHEDULE_CREATED"
	ScheduleUpdated Action = "REPORT_SCHEDULE_UPDATED"
	ScheduleRemoved Action = "REPORT_SCHEDULE_REMOVED"

	DocumentTemplateSet     Action = "DOCUMENT_TEMPLATE_SET"
	DocumentTemplateRemoved Action = "DOCUMENT_TEMPLATE_REMOVED" // the built-in one holds again
)

// What administrators do with the queue of jobs. Details name the kind and the number of the job, or the regular work.
const (
	JobRetried   Action = "JOB_RETRIED"
	JobCancelled Action = "JOB_CANCELLED"
	JobStarted   Action = "JOB_STARTED" // a turn of regular work
)

// LegacyImported is that something was brought over from the system that this one replaces, by the operator. The object is what it
// is here; details name the table and the row there.
const LegacyImported Action = "LEGACY_IMPORTED"

// What administrators do with files of leads and of distributors. The object is the import; details name the kind, the rows and the source. What comes in is
// recorded by itself.
const (
	ImportChecked   Action = "IMPORT_CHECKED"
	ImportStarted   Action = "IMPORT_STARTED"
	ImportCancelled Action = "IMPORT_CANCELLED"
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
	ProcessorUpdated, TemplateSet, TemplateRemoved, TestMessageSent,
	WebhookCreated, WebhookUpdated, WebhookSecretRotated, WebhookResumed, WebhookRemoved, WebhookTested, WebhookEventRepeated, WebhookEventCancelled,
	DeliveryRetried, DeliverySettled, DeliveryCancelled, ChannelRetried, SuppressionRemoved,
	ReportRequested, ReportCancelled, ReportFetched, ScheduleCreated, ScheduleUpdated, ScheduleRemoved, DocumentTemplateSet, DocumentTemplateRemoved,
	JobRetried, JobCancelled, JobStarted,
	LegacyImported,
	ImportChecked, ImportStarted, ImportCancelled,
	AuditVerified, AuditExported, AuditDropped,
}

// Known tells whether an action is one of the catalogue.
func Known(a Action) bool { return slices.Contains(catalogue, a) }
