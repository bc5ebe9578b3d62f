"""Generates stand-ins for the vendor's model and client classes in Java and Go from models.txt.

A client answers with what it was given: texts of its answer are the user's id, or else the request. So what a sample prints
shows what it has sent. With STUB_REFUSES in the environment it throws.
"""

import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent
VERSIONS = {"workspace": "v2", "iam": "v3", "sts": "v1"}
MODULE = "github.com/huaweicloud/huaweicloud-sdk-go-v3"


def pascal(name):
    return "".join(word[:1].upper() + word[1:] for word in re.split("[_-]", name))


def camel(name):
    return pascal(name)[:1].lower() + pascal(name)[1:]


def listed():
    """Returns the classes of each service: names, with lists of fields as (name, type, is required)."""
    services = {}
    for line in (HERE / "models.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            service, name, *fields = line.split(" ")
            split = [field.split(":") for field in fields]
            fields = [(name, kind.rstrip("!"), kind.endswith("!")) for name, kind in split]
            services.setdefault(service, {})[name] = fields
    return services


def words_of(kind):
    found = re.fullmatch(r"(words|wordlist)\((.*)\)", kind)
    return (found[1], found[2].split(",")) if found else (None, [])


def operations(classes):
    names = [name.removesuffix("Request") for name in classes if name.endswith("Request")]
    return [name for name in names if f"{name}Response" in classes]


def java(folder):
    for service, classes in listed().items():
        package = f"com.huaweicloud.sdk.{service}.{VERSIONS[service]}"
        root = folder / package.replace(".", "/")
        (root / "model").mkdir(parents=True)
        for name, fields in classes.items():
            (root / "model" / f"{name}.java").write_text(java_model(package, name, fields))
        client = f"{service.capitalize()}Client"
        methods = []
        for name in operations(classes):
            texts = [field for field, kind, _ in classes[f"{name}Response"] if kind == "text"]
            has_user = any(field == "user_id" for field, *_ in classes[f"{name}Request"])
            given = "request.getUserId()" if has_user else "request.toString()"
            sets = "".join(f".with{pascal(field)}({given})" for field in texts)
            methods.append(
                f"  public {name}Response {camel(name)}({name}Request request) {{\n"
                f"    if (System.getenv(\"STUB_REFUSES\") != null) throw new ServiceResponseException();\n"
                f"    {name}Response answer = new {name}Response(){sets};\n"
                f"    answer.shown = request.toString();\n    return answer;\n  }}\n"
            )
        (root / f"{client}.java").write_text(
            f"package {package};\nimport com.huaweicloud.sdk.core.ClientBuilder;\n"
            f"import com.huaweicloud.sdk.core.exception.ServiceResponseException;\nimport {package}.model.*;\n"
            f"public class {client} {{\n  public static ClientBuilder<{client}> newBuilder() {{\n"
            f"    return new ClientBuilder<>({client}::new);\n  }}\n{''.join(methods)}}}\n"
        )


def java_model(package, name, fields):
    simple = {"text": "String", "number": "Integer", "flag": "Boolean", "texts": "List<String>"}
    body, shown = [], []
    for field, kind, _ in fields:
        which, words = words_of(kind)
        if words:
            constants = "".join(
                f'    public static final {pascal(field)}Enum {word.upper()} = new {pascal(field)}Enum("{word}");\n'
                for word in words
            )
            body.append(
                f"  public static final class {pascal(field)}Enum {{\n{constants}    private final String value;\n"
                f"    {pascal(field)}Enum(String value) {{ this.value = value; }}\n"
                f"    public String toString() {{ return value; }}\n  }}\n"
            )
        enumeration = f"{pascal(field)}Enum" if which == "words" else f"List<{pascal(field)}Enum>"
        listed = f"List<{kind[1:-1]}>" if kind.startswith("[") else kind
        of = enumeration if words else simple.get(kind, listed)
        own = camel(field)
        body.append(
            f"  private {of} {own};\n  public {name} with{pascal(field)}({of} value) {{ {own} = value; return this; }}\n"
            f"  public {of} get{pascal(field)}() {{ return {own}; }}\n"
        )
        shown.append(f'" {field}=" + {own}')
    to_string = " + ".join([f'"{name}"', *shown])
    return (
        f"package {package}.model;\nimport java.util.List;\npublic class {name} {{\n  public String shown;\n{''.join(body)}"
        f"  public String toString() {{ return shown != null ? shown : {to_string}; }}\n}}\n"
    )


def go(folder):
    for service, classes in listed().items():
        root = folder / "services" / service / VERSIONS[service]
        (root / "model").mkdir(parents=True)
        (root / "model" / "model.go").write_text(
            "package model\n" + "".join(go_model(name, fields) for name, fields in classes.items())
        )
        client = f"{service.capitalize()}Client"
        methods = []
        for name in operations(classes):
            texts = [field for field, kind, _ in classes[f"{name}Response"] if kind == "text"]
            has_user = any(field == "user_id" for field, *_ in classes[f"{name}Request"])
            given = "request.UserId" if has_user else 'fmt.Sprintf("%+v", *request)'
            sets = "".join(f"\tanswer.{pascal(field)} = &given\n" for field in texts)
            methods.append(
                f"func (c *{client}) {name}(request *model.{name}Request) (*model.{name}Response, error) {{\n"
                f'\tif os.Getenv("STUB_REFUSES") != "" {{\n\t\treturn nil, sdkerr.Refusal()\n\t}}\n'
                f"\tgiven := {given}\n\tanswer := &model.{name}Response{{}}\n{sets}\t_ = given\n\treturn answer, nil\n}}\n"
            )
        (root / "client.go").write_text(
            f'package {VERSIONS[service]}\nimport (\n\t"fmt"\n\t"os"\n\n\t"{MODULE}/core"\n\t"{MODULE}/core/sdkerr"\n'
            f'\t"{MODULE}/services/{service}/{VERSIONS[service]}/model"\n)\nvar _ = fmt.Sprint\n'
            f"type {client} struct{{}}\nfunc New{client}(client *core.HcHttpClient) *{client} {{ return &{client}{{}} }}\n"
            f"func {client}Builder() *core.HcHttpClientBuilder {{ return &core.HcHttpClientBuilder{{}} }}\n{''.join(methods)}"
        )


def go_model(name, fields):
    simple = {"text": "string", "number": "int32", "flag": "bool", "texts": "[]string"}
    lines, more = [], []
    for field, kind, always in fields:
        which, words = words_of(kind)
        own = f"{name}{pascal(field)}"
        if words:
            constants = "".join(f"\t{word.upper()} {own}\n" for word in words)
            values = ", ".join(f'{own}{{"{word}"}}' for word in words)
            more.append(
                f"type {own} struct{{ value string }}\ntype {own}Enum struct {{\n{constants}}}\n"
                f"func Get{own}Enum() {own}Enum {{ return {own}Enum{{{values}}} }}\n"
            )
        of = {"words": own, "wordlist": f"[]{own}"}.get(which) or simple.get(kind)
        if kind.startswith("["):
            of = f"[]{kind[1:-1]}"
        is_class = of is None
        of = f"*{kind}" if is_class else of
        lines.append(f"\t{pascal(field)} {of if always or is_class else '*' + of}\n")
    return f"type {name} struct {{\n{''.join(lines)}}}\n{''.join(more)}"
