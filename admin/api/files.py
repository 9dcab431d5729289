"""Uploads over REST: a file first, then the command that names it."""

from __future__ import annotations

from flask import Response, jsonify, request
from flask_appbuilder.api import BaseApi, expose
from werkzeug.exceptions import RequestEntityTooLarge

from admin import files
from admin.api.answers import Refused
from admin.api.guard import door
from services.contracts.errors import ValidationFailed


class FilesApi(BaseApi):
    """`POST /api/v1/files`: one file in a multipart form; the answer is what a `files` field takes."""

    resource_name = "files"
    service = "console"
    openapi_spec_tag = "files"

    @expose("/", methods=["POST"])
    @door
    def upload(self) -> Response:
        """Keep a file.
        ---
        post:
          summary: Keep a file; its address can then be given in fields of kind files
          requestBody:
            required: true
            content:
              multipart/form-data:
                schema:
                  type: object
                  required: [file]
                  properties:
                    file: {type: string, format: binary}
          responses:
            201:
              description: Kept
              content:
                application/json:
                  schema:
                    type: object
                    required: [file]
                    properties:
                      file: {type: string}
            400: {$ref: '#/components/responses/anju_400'}
            401: {$ref: '#/components/responses/anju_401'}
            403: {$ref: '#/components/responses/anju_403'}
            413: {$ref: '#/components/responses/anju_413'}
            415: {$ref: '#/components/responses/anju_415'}
            422: {$ref: '#/components/responses/anju_422'}
            503: {$ref: '#/components/responses/anju_503'}
        """
        if request.mimetype != "multipart/form-data":
            raise Refused(415, "unsupported_media_type")
        request.max_content_length = files.MOST_REQUEST
        try:
            given = request.files.getlist("file")
        except RequestEntityTooLarge:
            raise Refused(413, "body_too_large", max=files.MOST_REQUEST) from None
        if len(given) != 1:
            raise ValidationFailed.of("file", "required" if not given else "too_many", max=1)
        answer = jsonify({"file": files.keep("file", given[0])})
        answer.status_code = 201
        return answer
