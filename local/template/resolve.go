package template

import (
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// text reads a text with its references resolved; what cannot be resolved is noted and reads as "".
func (n node) text() string {
	if n.missing() {
		return ""
	}
	function, argument := n.function()
	switch {
	case function == "" && n.yaml.Kind == yaml.ScalarNode:
		return n.yaml.Value
	case function == "":
		n.problem("a text is expected here")
	case function == "Ref" && argument != "":
		return n.reference(argument)
	case function == "GetAtt" && strings.Contains(argument, "."):
		return n.reference(argument)
	case function == "Sub" && argument != "":
		return n.substitute(argument)
	default:
		n.problem("!%s is not understood in this form; the local stack reads !Ref, !Sub of a text and !GetAtt", function)
	}
	return ""
}

// function returns the CloudFormation function that stands here, in short or long form, and its argument as one text.
func (n node) function() (name, argument string) {
	y := n.yaml
	if short, ok := strings.CutPrefix(y.Tag, "!"); ok && !strings.HasPrefix(y.Tag, "!!") {
		return short, joined(y)
	}
	if y.Kind != yaml.MappingNode || len(y.Content) != 2 {
		return "", ""
	}
	key := y.Content[0].Value
	if name, ok := strings.CutPrefix(key, "Fn::"); ok || key == "Ref" {
		return name, joined(y.Content[1])
	}
	return "", ""
}

// joined makes [A, B] the text A.B, as !GetAtt means it; other sequences and mappings give nothing.
func joined(y *yaml.Node) string {
	if y.Kind == yaml.ScalarNode {
		return y.Value
	}
	var parts []string
	for _, part := range y.Content {
		if y.Kind != yaml.SequenceNode || part.Kind != yaml.ScalarNode || part.Tag != "!!str" {
			return ""
		}
		parts = append(parts, part.Value)
	}
	return strings.Join(parts, ".")
}

var variable = regexp.MustCompile(`\$\{([^}]*)\}`)

// substitute fills ${Name}, ${Name.Attribute} and leaves ${!Literal} as ${Literal}.
func (n node) substitute(text string) string {
	return variable.ReplaceAllStringFunc(text, func(match string) string {
		name := match[2 : len(match)-1]
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			return "${" + literal + "}"
		}
		return n.reference(name)
	})
}

// reference returns what a parameter, a pseudo parameter, a resource or a resource's attribute is in this place.
func (n node) reference(name string) string {
	p := n.reader.place
	for _, values := range []map[string]string{p.Values, p.Parameters, pseudo(p)} {
		if value, ok := values[name]; ok {
			return value
		}
	}
	if parameter := n.reader.root.at("Parameters", name); !parameter.missing() {
		if parameter.at("Default").missing() {
			n.problem("parameter %s has no default; give it a value", name)
		}
		return parameter.at("Default").text()
	}
	value, err := n.reader.resource(name)
	if err != nil {
		n.problem("%s: %v", name, err)
	}
	return value
}

func pseudo(p Place) map[string]string {
	return map[string]string{"AWS::Region": p.Region, "AWS::AccountId": p.Account, "AWS::Partition": "aws",
		"AWS::URLSuffix": "amazonaws.com", "AWS::StackName": "backstop"}
}

// resource returns what !Ref or !GetAtt of a resource is.
func (r *reader) resource(name string) (string, error) {
	id, attribute, _ := strings.Cut(name, ".")
	resource := r.root.at("Resources", id)
	if resource.missing() {
		return "", fmt.Errorf("there is no such parameter or resource")
	}
	kind, properties := resource.at("Type").text(), resource.at("Properties")
	arn := func(service, rest string) string {
		return "arn:aws:" + service + ":" + r.place.Region + ":" + r.place.Account + ":" + rest
	}
	switch kind + "." + attribute {
	case "AWS::SQS::Queue.":
		return r.place.QueueEndpoint + "/" + r.place.Account + "/" + properties.at("QueueName").text(), nil
	case "AWS::SQS::Queue.Arn":
		return arn("sqs", properties.at("QueueName").text()), nil
	case "AWS::SQS::Queue.QueueName":
		return properties.at("QueueName").text(), nil
	case "AWS::S3::Bucket.":
		return properties.at("BucketName").text(), nil
	case "AWS::S3::Bucket.Arn":
		return "arn:aws:s3:::" + properties.at("BucketName").text(), nil
	case "AWS::KinesisFirehose::DeliveryStream.":
		return properties.at("DeliveryStreamName").text(), nil
	case "AWS::KinesisFirehose::DeliveryStream.Arn":
		return arn("firehose", "deliverystream/"+properties.at("DeliveryStreamName").text()), nil
	case "AWS::Serverless::Function.":
		return properties.at("FunctionName").text(), nil
	case "AWS::Serverless::Function.Arn":
		return arn("lambda", "function:"+properties.at("FunctionName").text()), nil
	}
	if attribute == "" {
		return "", fmt.Errorf("!Ref of %s has no local value; give it one", kind)
	}
	return "", fmt.Errorf("attribute %s of %s has no local value; give it one", attribute, kind)
}
