// What a program does that uses octokit. Its text is run in the folder of the node modules (see test_clients.py).
import assert from "node:assert/strict";
import { Octokit } from "octokit";
import { sign, verify } from "@octokit/webhooks-methods";

const { env } = process;
const octokit = new Octokit({ baseUrl: env.SANDBOX, auth: env.TOKEN, retry: { enabled: false }, throttle: { enabled: false } });
const at = { owner: env.OWNER, repo: env.REPO };
const issue_number = Number(env.ISSUE);
const { rest } = octokit;

assert.equal((await rest.repos.get(at)).data.full_name, `${env.OWNER}/${env.REPO}`);
assert.equal((await rest.issues.get({ ...at, issue_number })).data.number, issue_number);
const { data: comment } = await rest.issues.createComment({ ...at, issue_number, body: "From octokit" });
assert.equal((await rest.issues.updateComment({ ...at, comment_id: comment.id, body: "Edited" })).data.body, "Edited");
const reaction = await rest.reactions.createForIssueComment({ ...at, comment_id: comment.id, content: "hooray" });
assert.equal(reaction.data.content, "hooray");
const comments = await octokit.paginate(rest.issues.listComments, { ...at, issue_number, per_page: 2 });
assert.ok(comments.length >= 5);

await rest.git.createRef({ ...at, ref: "refs/heads/octo", sha: env.HEAD });
assert.equal((await rest.git.getRef({ ...at, ref: "heads/octo" })).data.object.sha, env.HEAD);
assert.equal((await rest.repos.getBranch({ ...at, branch: "octo" })).data.commit.sha, env.HEAD);
assert.equal((await rest.repos.getCommit({ ...at, ref: env.HEAD })).data.sha, env.HEAD);
await rest.git.createRef({ ...at, ref: "refs/tags/octo-1", sha: env.HEAD });
const tags = await octokit.paginate(rest.repos.listTags, { ...at, per_page: 1 });
assert.ok(tags.some((tag) => tag.name === "octo-1"));
await rest.git.deleteRef({ ...at, ref: "heads/octo" });
await assert.rejects(rest.git.getRef({ ...at, ref: "heads/octo" }), { status: 404 });

const { data: pull } = await rest.pulls.create({ ...at, head: env.CHANGED, base: "main", title: "From octokit" });
assert.ok((await rest.pulls.merge({ ...at, pull_number: pull.number, merge_method: "rebase" })).data.merged);
assert.ok((await rest.pulls.get({ ...at, pull_number: pull.number })).data.merged);

const { data: check } = await rest.checks.create({ ...at, name: "octo", head_sha: env.HEAD, status: "queued" });
const output = { title: "Fine", summary: "All of it" };
await rest.checks.update({ ...at, check_run_id: check.id, conclusion: "failure", output });
const checks = await octokit.paginate(rest.checks.listForRef, { ...at, ref: env.HEAD, per_page: 1 });
assert.ok(checks.some((each) => each.id === check.id && each.conclusion === "failure"));

const runs = (await rest.actions.listWorkflowRunsForRepo(at)).data.workflow_runs;
assert.equal((await rest.actions.getWorkflowRun({ ...at, run_id: runs[0].id })).data.id, runs[0].id);
assert.ok((await rest.actions.listJobsForWorkflowRun({ ...at, run_id: runs[0].id })).data.jobs.length);

const { data: release } = await rest.repos.createRelease({ ...at, tag_name: "octo-1", name: "Octo", body: "Notes" });
const url = release.upload_url.replace(/\{.*/, "?name=notes.txt");
const file = { url, name: "notes.txt", data: "notes", headers: { "content-type": "text/plain" } };
assert.equal((await rest.repos.uploadReleaseAsset({ ...at, release_id: release.id, ...file })).data.size, 5);
assert.equal((await rest.repos.getReleaseByTag({ ...at, tag: "octo-1" })).data.assets[0].name, "notes.txt");

const { headers } = await rest.repos.get(at);
await assert.rejects(rest.repos.get({ ...at, headers: { "if-none-match": headers.etag } }), { status: 304 });

assert.ok(await verify(env.SECRET, env.DELIVERY, env.SIGNATURE));
assert.equal(await sign(env.SECRET, env.DELIVERY), env.SIGNATURE);
