package graph

import (
	"context"
	"errors"
	"slices"

	"channelbook/graph/model"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/notify/channel"
	"channelbook/notify/deliveries"
	"channelbook/notify/templates"
	"channelbook/personaldata/processors"
)

func draftOf(in model.SetMessageTemplateInput) templates.Draft {
	return templates.Draft{
		Distributor: optionalID(gid.Distributor, in.DistributorID), Kind: string(in.Kind), Channel: string(in.Channel), Enabled: in.Enabled,
		Subject: text(in.Subject), Text: text(in.Text), ProviderTemplate: text(in.ProviderTemplate), Language: text(in.Language), Parameters: in.Parameters,
	}
}

// preview shows the template that is named, or the one that is given.
func (r *Resolver) preview(ctx context.Context, in model.PreviewTemplateInput) (*model.TemplatePreview, error) {
	var m channel.Message
	var err error
	switch id := optionalID(gid.Template, in.TemplateID); {
	case id != nil && in.Template != nil:
		err = fault.Coded(fault.Conflict, "CONFLICT", "template", "Give the id of a template, or a template, and not both.")
	case id != nil:
		m, err = r.Templates.PreviewOf(ctx, *id, "templateId")
	case in.Template != nil:
		m, err = r.Templates.Preview(ctx, draftOf(*in.Template))
		err = below("template.", err)
	default:
		err = fault.Coded(fault.Invalid, "REQUIRED", "template", "Give the id of a template, or a template.")
	}
	if err != nil {
		return nil, err
	}
	p := &model.TemplatePreview{Subject: m.Subject, Text: m.Text, HTML: m.HTML, Parameters: []*model.TemplateParameter{}}
	if m.Template != "" {
		p.ProviderTemplate = &m.Template
	}
	for _, value := range m.Parameters {
		p.Parameters = append(p.Parameters, &model.TemplateParameter{Name: value.Name, Value: value.Value})
	}
	return p, nil
}

// below puts a path before the fields of faults.
func below(path string, err error) error {
	faults, ok := fault.All(err)
	if !ok {
		return err
	}
	wrong := make([]error, len(faults))
	for i, f := range faults {
		at := *f
		if at.Field != "" {
			at.Field = path + at.Field
		}
		wrong[i] = &at
	}
	return errors.Join(wrong...)
}

func testOf(in model.SendTestMessageInput) deliveries.Test {
	t := deliveries.Test{Channel: string(in.Channel)}
	if id := optionalID(gid.Template, in.TemplateID); id != nil {
		t.Template = *id
	}
	if in.Kind != nil {
		t.Kind = string(*in.Kind)
	}
	if id := optionalID(gid.Distributor, in.DistributorID); id != nil {
		t.Distributor = *id
	}
	return t
}

func deliveryID(id gid.ID) *string {
	if id.IsZero() {
		return nil
	}
	shown := gid.Delivery.Format(id)
	return &shown
}

func variablesOf(list []templates.Variable) []*model.TemplateVariable {
	out := make([]*model.TemplateVariable, len(list))
	for i, v := range list {
		out[i] = &model.TemplateVariable{Name: v.Name, Description: v.Description, Sample: v.Sample}
		if v.Data != "" {
			data := model.PersonalDataCategory(v.Data)
			out[i].PersonalData = &data
		}
	}
	return out
}

func entryOf(in model.UpdateProcessorInput) processors.Entry {
	e := processors.Entry{Channel: string(in.Channel), Enabled: in.Enabled, Processor: text(in.Processor), Country: text(in.Country)}
	for _, d := range in.PersonalData {
		e.Data = append(e.Data, processors.Data(d))
	}
	return e
}

func (r *Resolver) processor(e processors.Entry) *model.Processor {
	p := &model.Processor{
		Channel: model.NotificationChannel(e.Channel), SetUp: slices.Contains(r.Processors.SetUp, e.Channel), Enabled: e.Enabled,
		Processor: e.Processor, Country: e.Country, PersonalData: []model.PersonalDataCategory{},
	}
	for _, d := range e.Data {
		p.PersonalData = append(p.PersonalData, model.PersonalDataCategory(d))
	}
	return p
}
