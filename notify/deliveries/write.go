package deliveries

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"entgo.io/ent/dialect"

	"channelbook/ent/delivery"
	"channelbook/ent/deliveryitem"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
)

// key is what notices have in common that go together: a waiting delivery of a key takes them along.
type key struct {
	user     gid.ID
	channel  string
	kind     string
	fallback bool
}

// planned is a delivery that is to be written.
type planned struct {
	key
	id          gid.ID
	distributor *gid.ID
	due         time.Time
	notices     []gid.ID
}

// plan is what is to be written.
type plan struct {
	gathering []*planned // each joins the waiting delivery of its key, or becomes it
	apart     []*planned // each by itself
	of        map[key]*planned
}

func newPlan() *plan { return &plan{of: map[key]*planned{}} }

// add plans that a recipient is reached by a way.
func (p *plan) add(r recipient, w way, now time.Time) {
	k := key{r.user, w.channel, r.kind, w.fallback}
	if known := p.of[k]; known != nil {
		known.notices = append(known.notices, r.notice)
		return
	}
	at := now.Add(w.after)
	d := &planned{key: k, distributor: r.distributor, notices: []gid.ID{r.notice}}
	if r.wants.Digest == 0 {
		d.due = due(r.wants, at)
		p.apart = append(p.apart, d)
		return
	}
	if over := r.begun[w.channel].Add(r.wants.Digest); over.After(at) {
		at = over
	}
	d.due, p.of[k] = due(r.wants, at), d
	p.gathering = append(p.gathering, d)
}

var deliveryColumns = []string{
	delivery.FieldID, delivery.FieldPurpose, delivery.FieldChannel, delivery.FieldKind, delivery.FieldUserID, delivery.FieldDistributorID,
	delivery.FieldFallback, delivery.FieldStatus, delivery.FieldCreatedAt, delivery.FieldDueAt,
}

func (d *planned) row(status delivery.Status, now time.Time) []any {
	return []any{
		d.id, delivery.PurposeNOTICE.String(), d.channel, d.kind, d.user, d.distributor, d.fallback, status.String(), now, d.due,
	}
}

// write writes the deliveries with what they tell of, and enqueues those that are new.
func (p *plan) write(ctx context.Context, tx *db.Tx, now time.Time) error {
	apart := db.Rows{Table: delivery.Table, Columns: deliveryColumns}
	for _, d := range p.all() {
		d.id = gid.New()
	}
	for _, d := range p.apart {
		apart.Values = append(apart.Values, d.row(delivery.StatusQUEUED, now))
	}
	if err := tx.Insert(ctx, apart); err != nil {
		return err
	}
	fresh, err := p.gather(ctx, tx, now)
	if err != nil {
		return err
	}
	if err := tx.Insert(ctx, p.items()); err != nil {
		return err
	}
	var due []jobs.Job
	for _, d := range append(fresh, p.apart...) {
		due = append(due, jobs.Job{Args: Due{Channel: d.channel, Delivery: d.id}, At: d.due})
	}
	return jobs.Enqueue(ctx, tx, due...)
}

func (p *plan) all() []*planned { return slices.Concat(p.gathering, p.apart) }

func (p *plan) items() db.Rows {
	items := db.Rows{Table: deliveryitem.Table, Columns: []string{deliveryitem.FieldDeliveryID, deliveryitem.FieldNoticeID, deliveryitem.FieldUserID}}
	for _, d := range p.all() {
		for _, notice := range d.notices {
			items.Values = append(items.Values, []any{d.id, notice, d.user})
		}
	}
	return items
}

// gatheredAtOnce is how many deliveries one statement makes or finds: PostgreSQL takes 65 535 arguments, SQLite half of that.
const gatheredAtOnce = 2000

// gather makes the deliveries that gather, or finds those that already do so and keeps them to the end of the transaction: no
// attempt begins with one before it has what joins it here. Where one has just begun, another delivery is made. fresh are those
// that were made.
func (p *plan) gather(ctx context.Context, tx *db.Tx, now time.Time) (fresh []*planned, err error) {
	for left := p.gathering; len(left) > 0; {
		some := left[:min(len(left), gatheredAtOnce)]
		left = left[len(some):]
		made, err := p.gatherSome(ctx, tx, some, now)
		if err != nil {
			return nil, fmt.Errorf("write deliveries, or join them: %w", err)
		}
		fresh = append(fresh, made...)
	}
	return fresh, nil
}

func (p *plan) gatherSome(ctx context.Context, tx *db.Tx, some []*planned, now time.Time) (fresh []*planned, err error) {
	var values []string
	var args []any
	for _, d := range some {
		row := d.row(delivery.StatusSCHEDULED, now)
		values, args = append(values, placeholders(tx.Dialect(), len(args), len(row))), append(args, row...)
	}
	rows, err := tx.QueryContext(ctx, "INSERT INTO deliveries ("+strings.Join(deliveryColumns, ", ")+") VALUES "+strings.Join(values, ", ")+
		" ON CONFLICT (user_id, channel, kind, fallback) WHERE status = 'SCHEDULED' AND purpose = 'NOTICE' "+
		"DO UPDATE SET due_at = deliveries.due_at RETURNING id, user_id, channel, kind, fallback", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id gid.ID
		var k key
		if err := rows.Scan(&id, &k.user, &k.channel, &k.kind, &k.fallback); err != nil {
			return nil, err
		}
		d := p.of[k]
		if d.id == id {
			fresh = append(fresh, d)
		}
		d.id = id
	}
	return fresh, rows.Err()
}

// placeholders are those of one row, behind so many arguments.
func placeholders(engine string, behind, n int) string {
	marks := make([]string, n)
	for i := range marks {
		marks[i] = "?"
		if engine == dialect.Postgres {
			marks[i] = "$" + strconv.Itoa(behind+i+1)
		}
	}
	return "(" + strings.Join(marks, ",") + ")"
}
