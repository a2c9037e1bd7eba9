package imports

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"channelbook/ent"
	"channelbook/ent/fileimport"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/files"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/personaldata/audit"
)

// File is a file that an administrator sends, with what they say of it. An empty text is to be found out.
type File struct {
	Name      string
	Body      []byte
	Encoding  string // of CSV: UTF-8, windows-1251
	Separator string // of CSV: a comma, a semicolon or a tab
	Sheet     string // of XLSX; the first that is shown, where empty
}

// CheckLeads reads a file of leads that are to come in under a source, keeps it for its start, and answers what was found in it. No lead
// is written. Faults: of the file as a whole, all kinds of them with code and sentence, and NOT_FOUND or SOURCE_STOPPED for the source. What is wrong with single rows is
// in the answer.
func (s *Service) CheckLeads(ctx context.Context, source gid.ID, f File) (*ent.FileImport, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	ahead, err := s.Leads.Foresee(ctx, source, "sourceId")
	if err != nil {
		return nil, err
	}
	return s.check(ctx, fileimport.KindLEADS, &source, f, func(c checking, lines []line) error { return s.checkLeads(ctx, c, ahead, lines) })
}

// CheckDistributors is CheckLeads for a file of distributors.
func (s *Service) CheckDistributors(ctx context.Context, f File) (*ent.FileImport, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	above := map[string]bool{}
	return s.check(ctx, fileimport.KindDISTRIBUTORS, nil, f, func(c checking, lines []line) error { return s.checkDistributors(ctx, c, above, lines) })
}

// check reads a file to its end and writes what was found.
func (s *Service) check(ctx context.Context, kind fileimport.Kind, source *gid.ID, f File, part func(c checking, lines []line) error) (*ent.FileImport, error) {
	names, err := distributorNames(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	r, err := begin(kind, f.Body, shape{encoding: f.Encoding, separator: f.Separator, sheet: f.Sheet})
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.table.close() }() // it was read to its end, or is refused
	c := checking{tally: newTally(r.columns), reader: leadReader{names, r.shape.from1904, s.TimeZone}}
	for {
		lines, err := r.lines(ctx, checkAtOnce)
		if err != nil && !isEnd(err) {
			return nil, err
		}
		if err := part(c, lines); err != nil {
			return nil, err
		}
		if isEnd(err) {
			break
		}
	}
	if r.count == 0 {
		return nil, errNoRows
	}
	return s.keep(ctx, kind, source, f, r, c.tally)
}

// checkAtOnce is how many rows are looked up together.
const checkAtOnce = 100

// checking is what the rows of a file are checked with.
type checking struct {
	*tally
	reader leadReader
}

func (s *Service) checkLeads(ctx context.Context, c checking, ahead *leads.Foresight, lines []line) error {
	rows := make([]leads.Submission, len(lines))
	for i, l := range lines {
		rows[i] = c.reader.submission(l)
	}
	found, err := ahead.Rows(ctx, rows)
	if err != nil {
		return err
	}
	for i, f := range found {
		c.add(lines[i].row, f.Outcome, f.Err)
	}
	return nil
}

func (s *Service) checkDistributors(ctx context.Context, c checking, above map[string]bool, lines []line) error {
	inns, faults := make([]string, len(lines)), make([]error, len(lines))
	for i, l := range lines {
		in, err := company(l, c.reader.from1904)
		inns[i], faults[i] = in.INN, err
	}
	there, err := thereAlready(ctx, s.DB, inns)
	if err != nil {
		return err
	}
	for i, l := range lines {
		switch {
		case faults[i] != nil:
			c.add(l.row, outcomeInvalid, faults[i])
		case there[inns[i]] || above[inns[i]]:
			c.add(l.row, outcomeExists, nil)
		default:
			above[inns[i]] = true
			c.add(l.row, outcomeReady, nil)
		}
	}
	return nil
}

// keep writes what was found in a file, and the file. The row comes first: a file that no row tells of would stay for ever.
func (s *Service) keep(ctx context.Context, kind fileimport.Kind, source *gid.ID, f File, r *fileReader, found *tally) (*ent.FileImport, error) {
	viewer, _ := auth.From(ctx)
	id, now := gid.New(), s.Now()
	ctx = auth.AsSystem(ctx, "import")
	var made *ent.FileImport
	err := db.WithTx(ctx, s.DB, func(tx *db.Tx) (err error) {
		made, err = tx.FileImport.Create().SetID(id).SetKind(kind).SetUserID(viewer.UserID).SetNillableSourceID(source).
			SetFileName(shown(f.Name)).SetSize(int64(len(f.Body))).SetFormat(fileimport.Format(r.shape.format)).
			SetEncoding(r.shape.encoding).SetSeparator(r.shape.separator).SetSheet(r.shape.sheet).
			SetColumns(r.columns).SetForeseen(found.outcomes).SetRowsTotal(r.count).
			SetOutcomes(map[string]int{}).SetFaults(found.faults).SetFaultCount(found.faultCount).
			SetCreatedAt(now).SetExpiresAt(now.Add(startable)).Save(ctx)
		if err != nil {
			return fmt.Errorf("write the import: %w", err)
		}
		return audit.Record(ctx, tx, now, s.act(audit.ImportChecked, made))
	})
	if err != nil {
		return nil, err
	}
	hidden := s.Keys.Seal(filePurpose, id, string(f.Body))
	if err := s.Store.Put(ctx, fileName(id), "application/octet-stream", bytes.NewReader(hidden), int64(len(hidden))); err != nil {
		ended := s.DB.FileImport.Update().Where(fileimport.ID(id), fileimport.StatusEQ(fileimport.StatusCHECKED)).
			SetStatus(fileimport.StatusEXPIRED).SetFinishedAt(s.Now()).Exec(context.WithoutCancel(ctx)) // nobody can start it, and the sweep deletes what there is
		return nil, errors.Join(fmt.Errorf("keep the file: %w", err), ended)
	}
	kept, err := s.DB.FileImport.Query().Where(fileimport.ID(id), fileimport.FileKept(true)).Exist(ctx)
	if err != nil {
		return nil, fmt.Errorf("look whether the file is wanted: %w", err)
	}
	if !kept { // it was cancelled meanwhile, and the file that was not there yet deleted
		if err := s.Store.Delete(ctx, fileName(id)); err != nil {
			return nil, fmt.Errorf("delete the file of an import that is not wanted: %w", err)
		}
	}
	return made.Unwrap(), nil
}

// act is a record of the audit.
func (s *Service) act(action audit.Action, row *ent.FileImport) audit.Act {
	details := map[string]string{"kind": string(row.Kind), "rows": fmt.Sprint(row.RowsTotal)}
	if row.SourceID != nil {
		details["source"] = gid.LeadSource.Format(*row.SourceID)
	}
	return audit.Act{Action: action, Object: audit.On(gid.Import, row.ID), Details: details}
}

// contents reads the file of an import.
func (s *Service) contents(ctx context.Context, id gid.ID) ([]byte, error) {
	file, err := s.Store.Open(ctx, fileName(id))
	if errors.Is(err, files.ErrNotFound) {
		return nil, errGone
	}
	if err != nil {
		return nil, fmt.Errorf("open the file: %w", err)
	}
	defer func() { _ = file.Close() }()
	hidden, err := io.ReadAll(file)
	if err != nil {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	body, err := s.Keys.Open(filePurpose, id, hidden)
	if err != nil {
		s.Log.ErrorContext(ctx, "the file of an import cannot be opened", "import", gid.Import.Format(id), "error", err)
		return nil, errGone
	}
	return []byte(body), nil
}

// errGone says that there is no file any more, or none that our keys open.
var errGone = errors.New("the file is not there any more")

// shown is the name of a file as it is shown: without folders and what controls a terminal.
func shown(name string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, name)
	if name == "." || name == "/" {
		return ""
	}
	if utf8.RuneCountInString(name) > maxFileName {
		name = string([]rune(name)[:maxFileName])
	}
	return name
}

const maxFileName = 200
