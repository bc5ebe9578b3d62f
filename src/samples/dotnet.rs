//! C#, with the vendor's package for the service.

use super::body::SampleValue;
use super::casing::{constant, pascal};
use super::language::LanguageFacts;
use super::layout::{CodePiece, Style};
use super::literal::common as literal;
use super::package::Package;
use super::request::{SdkRequest, Shown};

const STYLE: Style = Style { indent: "    ", spaced: true, aligned: false };

const TEMPLATE: &str = r#"using System;
using System.Collections.Generic;
using HuaweiCloud.SDK.Core;
using HuaweiCloud.SDK.Core.Auth;
using HuaweiCloud.SDK.«service».«version»;
using HuaweiCloud.SDK.«service».«version».Model;

// «summary»
public static class «id»Sample
{
    public static int Main()
    {
        var endpoint = Environment.GetEnvironmentVariable("WKSMOCK_URL") ?? «url»;
        var «owner_name» = «owner»;
        var credentials = new «credentials»(Key("AK"), Key("SK"), «owner_name»);
        var client = «service»Client.NewBuilder().WithCredential(credentials).WithEndPoint(endpoint).Build();
        var request = «request»;
        try
        {
            «answer»client.«id»(request);
            «show»
            return 0;
        }
        catch (ServiceResponseException refused)
        {
            Console.Error.WriteLine($"{refused.HttpStatusCode} {refused.ErrorCode}: {refused.ErrorMsg}");
            Console.Error.WriteLine($"request id: {refused.RequestId}");
            if (refused.EncodedAuthorizationMessage != null)
            {
                Console.Error.WriteLine($"sealed reason: {refused.EncodedAuthorizationMessage}");
            }
            return 1;
        }
    }

    // Keys come from the environment, never from the code.
    private static string Key(string name)
    {
        return Environment.GetEnvironmentVariable("CLOUD_SDK_" + name)
            ?? Environment.GetEnvironmentVariable("HUAWEICLOUD_SDK_" + name);
    }
}
"#;

pub(super) const FACTS: LanguageFacts = LanguageFacts {
    name: "dotnet",
    title: ".NET",
    highlighted_as: "C#",
    needs: |package| format!("dotnet add package HuaweiCloud.SDK.{}", package.service),
    special: |_| " The tests of wksmock do not compile it.",
    code,
};

fn code(request: &SdkRequest<'_>) -> String {
    let package = Package::of(request.operation);
    let id = request.operation.id;
    let mut parts: Vec<_> =
        request.fields().iter().map(|(name, value, _)| (pascal(name), piece(value, "", name))).collect();
    if let Some(body) = &request.body {
        parts.push(("Body".to_owned(), piece(body, "", "")));
    }
    let (owner_name, owner) = if package.is_global {
        ("domain", "Environment.GetEnvironmentVariable(\"HUAWEICLOUD_SDK_DOMAIN_ID\")".to_owned())
    } else {
        ("project", literal(request.project))
    };
    let shown = request.shown();
    let show = match &shown {
        Shown::Nothing => format!("Console.WriteLine(\"{id}: done\");"),
        Shown::Member(name) | Shown::Header(name) => format!("Console.WriteLine(answer.{});", pascal(name)),
        Shown::All => "Console.WriteLine(answer);".to_owned(),
    };
    let call = object(&format!("{id}Request"), parts);
    request.fill(
        TEMPLATE,
        literal,
        &[
            ("service", package.service.to_owned()),
            ("version", package.version.to_ascii_uppercase()),
            ("owner_name", owner_name.to_owned()),
            ("owner", owner),
            ("request", call.laid_out(STYLE, 2, 8 + "var request = ;".len())),
            ("answer", if shown == Shown::Nothing { "" } else { "var answer = " }.to_owned()),
            ("show", show),
        ],
    )
}

/// The value of a field of `class`.
fn piece(value: &SampleValue, class: &str, field: &str) -> CodePiece {
    let enumeration = format!("{class}.{}Enum", pascal(field));
    match value {
        SampleValue::Text(text) => CodePiece::word(literal(text)),
        SampleValue::Word(word) => CodePiece::word(format!("{enumeration}.{}", constant(word))),
        SampleValue::Whole(number) => CodePiece::word(number.to_string()),
        SampleValue::Flag(flag) => CodePiece::word(flag.to_string()),
        SampleValue::Secret(variable) => CodePiece::word(format!("Environment.GetEnvironmentVariable(\"{variable}\")")),
        SampleValue::List(items) => {
            let of = match items.first() {
                Some(SampleValue::Word(_)) => enumeration,
                Some(SampleValue::Object(class, _)) => class.name.to_owned(),
                _ => "string".to_owned(),
            };
            let parts = items.iter().map(|item| (String::new(), piece(item, class, field))).collect();
            CodePiece::Group { open: format!("new List<{of}> {{"), parts, close: "}", last_comma: false }
        }
        SampleValue::Object(class, members) => {
            let parts = members.iter().map(|(field, value)| (pascal(field.name), piece(value, class.name, field.name)));
            object(class.name, parts.collect())
        }
    }
}

fn object(class: &str, parts: Vec<(String, CodePiece)>) -> CodePiece {
    if parts.is_empty() {
        return CodePiece::word(format!("new {class}()"));
    }
    let parts = parts.into_iter().map(|(name, piece)| (format!("{name} = "), piece)).collect();
    CodePiece::Group { open: format!("new {class} {{"), parts, close: "}", last_comma: false }
}
