// Usage: node stage.mjs FOLDER TARGET PROGRAM LICENCES
//
// Lays out the two packages in FOLDER, with the version of Cargo.toml. PROGRAM was compiled for TARGET, as rustc names it; the
// file LICENCES has the licences of what is linked into it.

import { chmodSync, copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const top = join(here, "../..");
const LICENCE = /^LICENSE-/;

const [folder, target, program, licences] = process.argv.slice(2);
const source = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
const version = /^\[package\][^[]*^version = "([^"]+)"$/ms.exec(readFileSync(join(top, "Cargo.toml"), "utf8"))[1];
const common = { version, license: source.license, engines: source.engines };

const dependencies = Object.keys(source.optionalDependencies).map((name) => [name, version]);
stage("wksmock", { ...source, version, optionalDependencies: Object.fromEntries(dependencies) }, ["README.md", ...source.files.filter((name) => !LICENCE.test(name))]);

const { os, cpu } = platform(target);
const name = `@wksmock/${os}-${cpu}`;
if (!(name in source.optionalDependencies)) throw new Error(`${name} is not among the optionalDependencies in package.json`);
const description = `The program of the package wksmock, for ${os}-${cpu}`;
// Package managers that keep packages in archives unpack this one, since its program is run.
const packed = stage("platform", { name, description, ...common, os: [os], cpu: [cpu], files: ["bin", "LICENSE-*", "THIRD-PARTY-LICENSES.txt"], preferUnplugged: true }, []);
const file = join(packed, "bin/wksmock");
mkdirSync(join(packed, "bin"));
copyFileSync(program, file);
chmodSync(file, 0o755);
copyFileSync(licences, join(packed, "THIRD-PARTY-LICENSES.txt"));
writeFileSync(join(packed, "README.md"), `# ${name}\n\n${description}, which installs it by itself.\n`);

/** Writes a package's folder; returns its path. */
function stage(place, manifest, files) {
  const path = join(folder, place);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const file of files) cpSync(join(here, file), join(path, file), { recursive: true });
  for (const file of readdirSync(top).filter((name) => LICENCE.test(name))) copyFileSync(join(top, file), join(path, file));
  return path;
}

/** The names that Node has for a platform, which npm compares with `os` and `cpu`. */
function platform(target) {
  const cpu = { x86_64: "x64", aarch64: "arm64" }[target.split("-")[0]];
  const os = ["linux", "darwin"].find((word) => target.includes(word));
  if (!cpu || !os) throw new Error(`there is no package for ${target}`);
  return { os, cpu };
}
