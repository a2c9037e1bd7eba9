package graph

import (
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// validationRules are those of the specification, without suggestions, which would tell the schema to somebody who may
// not read it, and with at most maxErrors faults in all. Call it anew for each document.
func validationRules() *rules.Rules {
	all := rules.NewDefaultRules()
	for _, r := range []struct{ suggesting, silent core.Rule }{
		{rules.FieldsOnCorrectTypeRule, rules.FieldsOnCorrectTypeRuleWithoutSuggestions},
		{rules.KnownArgumentNamesRule, rules.KnownArgumentNamesRuleWithoutSuggestions},
		{rules.KnownTypeNamesRule, rules.KnownTypeNamesRuleWithoutSuggestions},
		{rules.ScalarLeafsRule, rules.ScalarLeafsRuleWithoutSuggestions},
		{rules.ValuesOfCorrectTypeRule, rules.ValuesOfCorrectTypeRuleWithoutSuggestions},
	} {
		all.RemoveRule(r.suggesting.Name)
		all.AddRule(r.silent.Name, r.silent.RuleFunc)
	}
	few, found := rules.NewRules(), 0
	for name, rule := range all.GetInner() {
		few.AddRule(name, func(observers *core.Events, addError core.AddErrFunc) {
			rule(observers, func(options ...core.ErrorOption) {
				if found++; found <= maxErrors {
					addError(options...)
				}
			})
		})
	}
	return few
}
