package reports

import (
	"channelbook/ent/report"
	"channelbook/internal/auth"
	"channelbook/reports/order"
)

// The kinds.
const (
	Leads         = "LEADS"
	PlanFact      = "PLAN_FACT"
	Payouts       = "PAYOUTS"
	AgentReport   = "AGENT_REPORT"
	ActOfServices = "ACT_OF_SERVICES"
)

// need says whether a kind takes a parameter.
type need int

const (
	no need = iota
	may
	must
)

// form is what a report of a kind wants.
type form struct {
	formats     []string
	filter      need
	dates       need // from and to
	period      need
	distributor need // of an administrator: a distributor's user has its own company
}

var forms = map[string]form{
	Leads:         {formats: []string{order.XLSX, order.CSV}, filter: may, dates: may, distributor: may},
	PlanFact:      {formats: []string{order.XLSX}, dates: must, distributor: may},
	Payouts:       {formats: []string{order.XLSX}, period: must, distributor: may},
	AgentReport:   {formats: []string{order.DOCX, order.PDF}, period: must, distributor: must},
	ActOfServices: {formats: []string{order.DOCX, order.PDF}, period: must, distributor: must},
}

// extensions and media types of the formats.
var (
	extensions = map[report.Format]string{report.FormatXLSX: "xlsx", report.FormatCSV: "csv", report.FormatDOCX: "docx", report.FormatPDF: "pdf"}
	mediaTypes = map[report.Format]string{
		report.FormatXLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		report.FormatCSV:  "text/csv; charset=utf-8",
		report.FormatDOCX: DocumentType,
		report.FormatPDF:  "application/pdf",
	}
)

// DocumentType is the media type of a Word document.
const DocumentType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

// people are who may ask for reports.
var people = []auth.Role{auth.Admin, auth.Distributor}
