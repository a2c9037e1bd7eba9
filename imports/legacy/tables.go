package legacy

import (
	"fmt"
	"slices"
)

// spec is a table of the other system: the names that it may have, and those of its columns.
type spec struct {
	name   string
	names  []string
	fields []field
}

// field is something that a row says, and the names of the column that says it: the first that is there counts.
type field struct {
	name    string
	columns []string
}

func is(name string, columns ...string) field { return field{name, append([]string{name}, columns...)} }

// tables are all that are known, docs/import-legacy.md lists them for people.
var tables = []spec{
	{"users", []string{"users", "user"}, []field{
		is("id", "user_id"), is("login", "username", "user_name"), is("role", "user_role", "type"), is("is_admin", "admin", "is_superuser"),
		is("distributor", "distributor_id", "distributor_info_id", "company_id"), is("name", "full_name", "fio", "display_name"),
		is("email", "e_mail", "mail"), is("phone", "phone_number", "tel"), is("active", "is_active", "enabled"), created,
	}},
	{"distributors_info", []string{"distributors_info", "distributor_info", "distributors", "distributor"}, []field{
		is("id", "distributor_id"), is("user", "user_id", "owner_id"), is("company", "company_name", "name", "title", "organization"),
		is("inn"), is("kpp"), is("ogrn", "ogrnip"), is("address", "legal_address"), is("email", "e_mail", "mail"), is("phone", "phone_number", "tel"),
		is("website", "site", "url"), is("description", "about", "comment"), is("region", "city"),
		is("contract", "contract_number"), is("contract_date", "contract_signed_on", "contract_signed_at"),
		is("bank_name", "bank"), is("bank_account", "account", "settlement_account", "checking_account"),
		is("correspondent_account", "corr_account", "bank_correspondent_account"), is("bik", "bank_bik"), is("active", "is_active", "enabled"), created,
	}},
	{"leads", []string{"leads", "lead"}, slices.Concat([]field{
		is("id", "lead_id"), is("distributor", "distributor_id", "distributor_info_id", "company_id"), is("user", "user_id", "owner_id", "assigned_to", "manager_id"),
		is("first_name", "firstname"), is("last_name", "lastname", "surname"), is("name", "full_name"), is("fio"),
		is("phone", "phone_number", "tel"), is("email", "e_mail", "mail"), is("ip", "ip_address", "remote_addr"), is("status", "state"),
		is("received", "created_at", "received_at", "created", "date", "date_created", "timestamp"), is("updated", "updated_at", "modified_at", "date_updated"),
		is("taken", "taken_at", "processed_at", "in_progress_at"), is("closed", "closed_at", "completed_at"),
		is("sold", "sold_at", "sold_on", "sale_date", "date_sale"), is("payout", "distributor_payout", "commission", "reward"),
		is("amount", "sale_amount", "sale_sum", "sum", "price", "revenue"), is("rejected", "reject_reason", "rejection_reason", "refusal_reason"),
		is("note", "comment", "comments", "notes"),
		is("funnel", "funnel_name", "form"),
	}, tracked())},
	{"goals", []string{"goals", "goal"}, []field{
		is("id", "goal_id"), is("distributor", "distributor_id", "distributor_info_id", "company_id"), is("user", "user_id", "owner_id"),
		is("month", "period", "month_year"), is("metric", "goal_type", "type", "kind"), is("target", "goal", "plan", "value", "amount", "target_value"),
		is("target_payout", "payout_goal", "payout_target", "payout"), is("target_revenue", "revenue_goal", "revenue_target", "revenue"),
		is("target_sales", "sales_goal", "sales_target", "sales"), is("target_leads", "leads_goal", "leads_target", "leads"),
	}},
	{"leads_blacklist", []string{"leads_blacklist", "lead_blacklist", "blacklist"}, []field{
		is("id"), is("kind", "type"), is("value", "contact"), is("phone", "phone_number", "tel"), is("email", "e_mail", "mail"), is("ip", "ip_address"),
		is("domain"), is("reason", "comment", "note"), created,
	}},
	{"notifications", []string{"notifications", "notification"}, []field{
		is("id"), is("user", "user_id"), is("distributor", "distributor_id", "distributor_info_id"), is("title", "subject"), is("text", "message", "body", "content"),
		is("read", "is_read", "seen", "is_seen"), is("read_at", "seen_at"), created,
	}},
	{"templates", []string{"templates", "template", "message_templates"}, []field{
		is("id"), is("name", "code", "key", "slug"), is("channel", "type"), is("subject", "title"), is("text", "body", "content", "template"),
		is("distributor", "distributor_id", "distributor_info_id"), is("user", "user_id"),
	}},
}

var created = is("created", "created_at", "date_created", "registered_at", "date_joined", "timestamp", "date")

// trackingColumns are what advertising knows of a lead, under the names of the intake.
var trackingColumns = []string{
	"subid", "utm_source", "utm_medium", "utm_campaign", "utm_term", "campaign_id", "campaign_name", "banner_id", "advertiser_id", "region", "gender", "age",
	"random", "impression_weekday", "impression_hour", "user_timezone", "placement", "device_type", "position",
}

// maxSubIDs is how many numbered ones a lead has.
const maxSubIDs = 10

func tracked() (all []field) {
	for _, name := range trackingColumns {
		all = append(all, is(name))
	}
	for i := 1; i <= maxSubIDs; i++ {
		all = append(all, is(subID(i), fmt.Sprintf("subid_%d", i), fmt.Sprintf("subid%d", i), fmt.Sprintf("sub_id%d", i), fmt.Sprintf("sub%d", i)))
	}
	return all
}

func subID(i int) string { return fmt.Sprintf("sub_id_%d", i) }

// passwordColumns are never read: nobody's old password, or what was made of it, is taken over.
var passwordColumns = []string{"password", "password_hash", "pass", "passwd", "pwd", "hash", "salt"}

// ofTheTools are tables of the tools that the other system was made with.
var ofTheTools = []string{"alembic_version", "sqlite_sequence"}
