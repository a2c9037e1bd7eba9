package imports

import (
	"context"
	"fmt"

	"channelbook/ent/fileimport"
	"channelbook/ent/values"
	"channelbook/leads"
)

// fileReader reads the rows of a file of a kind.
type fileReader struct {
	table   table
	shape   shape
	columns []values.ImportColumn
	most    int
	count   int // of rows so far
}

// begin reads the headings of a file.
func begin(kind fileimport.Kind, body []byte, as shape) (*fileReader, error) {
	known, required, most := leadColumns, leadsRequire, maxLeads
	if kind == fileimport.KindDISTRIBUTORS {
		known, required, most = distributorColumns, distributorsRequire, maxDistributors
	}
	t, found, err := open(body, as)
	if err != nil {
		return nil, err
	}
	r := &fileReader{table: t, shape: found, most: most}
	_, headings, err := t.next()
	if isEnd(err) {
		err = wrong("EMPTY_FILE", "The file is empty.")
	}
	if err == nil {
		r.columns, err = mapped(headings, known, required)
	}
	if err != nil {
		_ = t.close() // the file is refused
		return nil, err
	}
	return r, nil
}

// lines are the next rows, n at most; io.EOF with the last of them.
func (r *fileReader) lines(ctx context.Context, n int) (lines []line, err error) {
	for len(lines) < n {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("read the file: %w", err)
		}
		row, cells, err := r.table.next()
		if err != nil {
			return lines, err
		}
		if r.count++; r.count > r.most {
			return nil, wrong("TOO_MANY_ROWS", fmt.Sprintf("A file has at most %d rows. Send it in parts.", r.most))
		}
		lines = append(lines, read(r.columns, row, cells))
	}
	return lines, nil
}

// What becomes of rows, besides the outcomes of leads.
const (
	outcomeReady    = leads.ForeseenReady
	outcomeRepeated = leads.ForeseenRepeated
	outcomeInvalid  = leads.ForeseenInvalid
	outcomeRefused  = leads.ForeseenRefused
	outcomeCreated  = "CREATED"
	outcomeExists   = "EXISTS"
)

// tally counts what becomes of rows, and keeps the first of their faults.
type tally struct {
	columns    []values.ImportColumn
	outcomes   map[string]int
	faults     []values.ImportFault
	faultCount int
}

func newTally(columns []values.ImportColumn) *tally {
	return &tally{columns: columns, outcomes: map[string]int{}, faults: []values.ImportFault{}}
}

func (t *tally) add(row int, outcome string, err error) {
	t.outcomes[outcome]++
	found := faultsOf(row, t.columns, err)
	t.faultCount += len(found)
	t.faults = append(t.faults, found[:min(len(found), max(0, maxFaults-len(t.faults)))]...)
}
