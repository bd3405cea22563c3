// SPDX-License-Identifier: Apache-2.0
//
// Decodes what a collector would have been sent with OpenTelemetry's own code:
// node decode.js REQUESTS. Each request becomes a line of JSON. What that code
// does not know of our bytes, or knows otherwise, is an error: a message is
// encoded again and must have the same length.
"use strict";

const fs = require("fs");
const path = require("path");
const root = require(path.join(process.env.NODE_PATH,
  "@opentelemetry/otlp-transformer/build/src/generated/root.js"));
const collector = root.opentelemetry.proto.collector;
const types = {
  "/v1/logs": collector.logs.v1.ExportLogsServiceRequest,
  "/v1/metrics": collector.metrics.v1.ExportMetricsServiceRequest,
};

for (const line of fs.readFileSync(process.argv[2], "utf8").split("\n")) {
  if (line === "")
    continue;
  const request = JSON.parse(line);
  const bytes = Buffer.from(request.base64, "base64");
  const type = types[request.path];
  if (!type)
    throw new Error(`${request.path}: nothing is sent there`);
  const message = type.decode(bytes);
  const again = type.encode(message).finish();
  if (again.length !== bytes.length)
    throw new Error(`${request.path}: ${bytes.length} bytes, ` +
      `${again.length} of them understood`);
  console.log(JSON.stringify({
    path: request.path,
    headers: request.headers,
    answered: request.answered,
    message: type.toObject(message, { longs: String, enums: String }),
  }));
}
